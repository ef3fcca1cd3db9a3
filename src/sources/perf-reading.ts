import { jvmFiguresOf } from '../wire/hsperfdata/figures-of.ts';
import type { JvmFigures } from '../wire/hsperfdata/jvm-figures.ts';
import { readPerfData } from '../wire/hsperfdata/read-perf-data.ts';

/** A JVM makes 32 KiB; more is taken for no such file. */
export const MAX_PERF_FILE_BYTES = 262_144;

export type PerfReading =
  | { readonly kind: 'figures'; readonly figures: JvmFigures }
  /** Words of ours; `isPassing` where the JVM writes it just now. */
  | { readonly kind: 'reject'; readonly reason: string; readonly isPassing: boolean };

export function decodePerfFile(bytes: Uint8Array): PerfReading {
  const data = readPerfData(bytes);
  return data.kind === 'reject'
    ? { kind: 'reject', reason: data.reason, isPassing: data.beingWritten === true }
    : { kind: 'figures', figures: jvmFiguresOf(data) };
}
