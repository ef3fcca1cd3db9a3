import type { Related } from '../../views/view.ts';

const WINDOW_MS = 60_000;

interface Reading {
  /** Epoch ms. */
  readonly at: number;
  readonly total: number;
}

/** What each console has seen of a count that only grows; a change a second at most, and a minute of them is kept. */
const readings = new WeakMap<Related, Map<string, readonly Reading[]>>();

/** A count that only grows, by a name of its own, e.g. `lost`. */
export interface GrowingCount {
  readonly name: string;
  readonly total: number;
}

/**
 * How much a growing count grew in the last minute. What was lost before this console looked is history and stands
 * in `:contexts`; so is what was lost an hour ago.
 */
export function grownLately(console: Related, { name, total }: GrowingCount, now: number): number {
  const own = readings.get(console) ?? new Map<string, readonly Reading[]>();
  readings.set(console, own);
  let known = own.get(name) ?? [];
  const last = known.at(-1);
  // A count that fell is another receiver's.
  if (last === undefined || total < last.total) known = [{ at: now, total }];
  else if (total > last.total) known = [...known, { at: now, total }];
  const base = Math.max(
    0,
    known.findLastIndex(({ at }) => at <= now - WINDOW_MS),
  );
  known = known.slice(base);
  own.set(name, known);
  return total - (known[0]?.total ?? total);
}
