import type { SeriesPoint } from '../../domain/series.ts';
import type { TimeWindow } from '../../views/chart.ts';

/**
 * The points of a window in columns of equal time, each the highest value in it. A point holds until the next one;
 * before a silence only for its own column, and what nobody heard stays `undefined`. A point before the window may
 * reach into it, one after its end is none of it.
 */
export function columnsOf(
  points: readonly SeriesPoint[],
  columns: number,
  { fromAt, toAt, silenceMs }: TimeWindow & { readonly silenceMs: number },
): (number | undefined)[] {
  const values = new Array<number | undefined>(Math.max(0, columns)).fill(undefined);
  const columnMs = (toAt - fromAt) / Math.max(1, columns);
  for (let index = firstOf(points, fromAt - silenceMs); index < points.length; index++) {
    const point = points[index];
    if (point === undefined || point.at >= toAt) break;
    if (!Number.isFinite(point.value)) continue;
    const next = points[index + 1]?.at;
    const isHeld = next === undefined || next - point.at <= silenceMs;
    const first = Math.floor((point.at - fromAt) / columnMs);
    // The next point speaks for its own column.
    const end = !isHeld
      ? first + 1
      : next === undefined
        ? Math.floor((point.at + silenceMs - fromAt) / columnMs) + 1
        : Math.max(first + 1, Math.floor((next - fromAt) / columnMs));
    for (let column = Math.max(0, first); column < Math.min(columns, end); column++) {
      values[column] = Math.max(values[column] ?? Number.NEGATIVE_INFINITY, point.value);
    }
  }
  return values;
}

/** Index of the first point at or after an instant, by halving: a long history costs no more than a short one. */
function firstOf(points: readonly SeriesPoint[], at: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle]?.at ?? at) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const highestOf = (values: readonly (number | undefined)[]): number | undefined => {
  let highest: number | undefined;
  for (const value of values) {
    if (value !== undefined && (highest === undefined || value > highest)) highest = value;
  }
  return highest;
};

const DECIMAL_STEPS = [1, 2, 4, 6, 8, 10];
const BINARY_STEPS = [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1_024];

/** A round upper end at or above a value, so that the scale stays put while values move a little. */
export function roundTop(value: number, isBinary: boolean): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const base = isBinary ? 1_024 : 10;
  let power = 1;
  while (power * base <= value) power *= base;
  while (!isBinary && power > value) power /= base;
  const steps = isBinary ? BINARY_STEPS : DECIMAL_STEPS;
  const top = power * (steps.find((step) => step * power >= value) ?? base);
  return Number(top.toPrecision(12));
}
