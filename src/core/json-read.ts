import { cleanLine } from './text.ts';

/**
 * Careful reading of parsed JSON. A schema per pod costs more than the whole budget at 10,000 pods, so the hot
 * objects (pods, events) are read field by field: a field of the wrong type reads as absent.
 */
export type Json = Readonly<Record<string, unknown>>;

const EMPTY_RECORD: Json = Object.freeze({});
const EMPTY_LIST: readonly unknown[] = Object.freeze([]);

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object a text holds as JSON; `undefined` for anything else. */
export function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const recordOf = (value: unknown): Json => (isRecord(value) ? value : EMPTY_RECORD);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : EMPTY_LIST);

/** A string that is not empty. */
export const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** One cleaned line of untrusted text. */
export function lineOf(value: unknown, maxLength?: number): string | undefined {
  return typeof value === 'string' && value !== '' ? cleanLine(value, maxLength) : undefined;
}

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** An RFC 3339 instant as epoch ms. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}
