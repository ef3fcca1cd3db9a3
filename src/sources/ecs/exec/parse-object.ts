import { isRecord, type Json } from '../../../core/json-read.ts';

/** The JSON object a text holds; `undefined` for anything else. */
export function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
