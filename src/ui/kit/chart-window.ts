import type { TimeWindow } from '../../views/chart.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** Cells shorter than this move several at a time. */
const LEAST_MOVE_MS = SECOND_MS;

/** A window nobody chose is the shortest of these that holds what is known, so that its axis stays put. */
const FITTING_SPANS_MS = [1, 2, 3, 5, 7, 10].map((minutes) => minutes * MINUTE_MS);

export const fittingSpanMs = (knownMs: number): number =>
  FITTING_SPANS_MS.find((span) => span >= knownMs) ?? 10 * MINUTE_MS;

/** A stretch of time in cells of equal time. */
export interface ChartWindow extends TimeWindow {
  readonly cells: number;
  readonly cellMs: number;
}

/**
 * The window of about `spanMs` that ends at `endAt`, rounded up so that a cell is the same stretch of time in every
 * frame: values then move by whole cells and keep their shape.
 */
export function chartWindow({
  endAt,
  spanMs,
  cells,
}: {
  /** Epoch ms. */
  readonly endAt: number;
  readonly spanMs: number;
  readonly cells: number;
}): ChartWindow {
  const count = Math.max(1, cells);
  const cellMs = Math.ceil(spanMs / count);
  const moveMs = cellMs * Math.ceil(LEAST_MOVE_MS / cellMs);
  // What came at this very instant is in it.
  const toAt = (Math.floor(endAt / moveMs) + 1) * moveMs;
  return { fromAt: toAt - count * cellMs, toAt, cells: count, cellMs };
}

/** Cell an instant is in; `undefined` outside the window. */
export function cellOf({ fromAt, toAt, cells, cellMs }: ChartWindow, at: number): number | undefined {
  if (at < fromAt || at >= toAt) return undefined;
  return Math.min(cells - 1, Math.floor((at - fromAt) / cellMs));
}

/** `45s`, `1m`, `2.5m`, `2h`. */
export function formatSpan(ms: number): string {
  const seconds = Math.round(ms / SECOND_MS);
  if (seconds < 120 && seconds !== 60) return `${seconds}s`;
  const minutes = Math.round(seconds / 6) / 10;
  return minutes % 60 === 0 ? `${(minutes * MINUTE_MS) / HOUR_MS}h` : `${minutes}m`;
}

export interface AxisOptions {
  readonly cells: number;
  /** At the left end, the middle and the right end; the middle one goes first. */
  readonly labels: readonly [left: string, middle: string, right: string];
  /** Cells of a label. */
  readonly widthOf: (label: string) => number;
  readonly rule: string;
}

/** `-10m ───── -5m ───── now`: exactly `cells` wide, or only the right label where there is no room. */
export function timeAxis({ cells, labels: [left, middle, right], widthOf, rule }: AxisOptions): string {
  const spare = cells - widthOf(left) - widthOf(right) - 2;
  if (spare < 0) return ' '.repeat(Math.max(0, cells - widthOf(right))) + right;
  const before = Math.floor(cells / 2) - widthOf(left) - 2 - Math.floor(widthOf(middle) / 2);
  const after = spare - before - widthOf(middle) - 2;
  const line =
    before < 2 || after < 2 ? rule.repeat(spare) : `${rule.repeat(before)} ${middle} ${rule.repeat(after)}`;
  return `${left} ${line} ${right}`;
}
