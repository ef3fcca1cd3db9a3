import type { Server } from '../domain/server.ts';
import type { Tone } from './view.ts';

/** Tone of a figure that is a reason of its server's health, by the configured levels; `undefined` where it is none. */
export function reasonTone({ health }: Server, codes: readonly string[]): Tone | undefined {
  let tone: Tone | undefined;
  for (const { code, level } of health.reasons) {
    if (!codes.includes(code)) continue;
    if (level === 'error') return 'bad';
    if (level === 'warn') tone = 'warn';
  }
  return tone;
}
