import { levelAt, medianSlope, type TimedValue } from './line-fit.ts';

/** Points kept: enough for a line, few enough for all pairs of them. */
export const MAX_POINTS = 32;
/** Fewer collections, or a shorter time, are no trend. */
const MIN_POINTS = 4;
const MIN_SPAN_MS = 300_000;
/** Growth below this share of the heap is noise. */
const MIN_GROWTH = 0.01;
/** A collection that frees this share of the heap, and half of what had gathered, ends a trend. */
const DROP = 0.05;
/** More of the growth than this in one step is a jump, e.g. a cache that filled. */
const JUMP = 0.5;

/** Growth of what collections leave behind, judged at the last of them. */
export interface HeapGrowth {
  readonly bytesPerMs: number;
  /** First and last collection it is read from, epoch ms. */
  readonly fromAt: number;
  readonly lastAt: number;
  /** When the line reaches the heap's maximum, epoch ms. */
  readonly fullAt: number;
}

/**
 * Adds what a collection left. What lies further back than `horizonMs` goes; of too many points the one goes that says
 * least, and everything goes when the heap was freed of what had gathered.
 */
export function withPoint(
  points: readonly TimedValue[],
  point: TimedValue,
  { maxBytes, horizonMs }: { readonly maxBytes: number; readonly horizonMs: number },
): readonly TimedValue[] {
  const kept = points.filter(({ at }) => at < point.at && at >= point.at - horizonMs);
  const highest = kept.reduce((most, { value }) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const lowest = kept.reduce((least, { value }) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const freed = highest - point.value;
  if (freed >= DROP * maxBytes && freed >= (highest - lowest) / 2) return [point];
  kept.push(point);
  if (kept.length > MAX_POINTS) kept.splice(closestAt(kept), 1);
  return kept;
}

/** Of the points between first and last, the one whose neighbours are closest to each other in time. */
function closestAt(points: readonly TimedValue[]): number {
  let found = 1;
  let closest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < points.length - 1; index++) {
    const gap = (points[index + 1]?.at ?? 0) - (points[index - 1]?.at ?? 0);
    if (gap < closest) {
      closest = gap;
      found = index;
    }
  }
  return found;
}

/**
 * Steady growth, or `undefined` where there is none: over at least four collections and five minutes, in its newer half
 * as in the whole (a heap that warmed up has stopped growing), and not in one jump.
 */
export function heapGrowthOf(points: readonly TimedValue[], maxBytes: number): HeapGrowth | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < MIN_POINTS) return undefined;
  const spanMs = last.at - first.at;
  if (spanMs < MIN_SPAN_MS) return undefined;
  const newer = points.slice(-Math.max(MIN_POINTS - 1, Math.ceil(points.length / 2)));
  const bytesPerMs = Math.min(medianSlope(points) ?? 0, medianSlope(newer) ?? 0);
  const grownBytes = bytesPerMs * spanMs;
  if (bytesPerMs <= 0 || grownBytes < MIN_GROWTH * maxBytes || !isSteady(points, grownBytes))
    return undefined;
  const level = levelAt(newer, bytesPerMs, last.at) ?? last.value;
  const fullAt = last.at + Math.max(0, maxBytes - level) / bytesPerMs;
  return { bytesPerMs, fromAt: first.at, lastAt: last.at, fullAt };
}

/** Half of the steps or more go up, and no single one makes up most of the growth. */
function isSteady(points: readonly TimedValue[], grownBytes: number): boolean {
  let largest = 0;
  let upwards = 0;
  for (const [index, { value }] of points.entries()) {
    const step = value - (points[index - 1]?.value ?? value);
    if (step > 0) upwards++;
    largest = Math.max(largest, step);
  }
  return upwards * 2 >= points.length - 1 && largest <= JUMP * grownBytes;
}
