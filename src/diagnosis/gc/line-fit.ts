/** A value at an instant, e.g. the bytes a collection left. */
export interface TimedValue {
  /** Epoch ms. */
  readonly at: number;
  readonly value: number;
}

/**
 * The median of the slopes between all pairs of points (Theil and Sen), in values a millisecond: up to three points in
 * ten may lie anywhere without moving it much. `undefined` where no two points differ in time. Costs n²: a few dozen.
 */
export function medianSlope(points: readonly TimedValue[]): number | undefined {
  const slopes: number[] = [];
  for (const [index, late] of points.entries()) {
    for (const early of points.slice(0, index)) {
      if (late.at !== early.at) slopes.push((late.value - early.value) / (late.at - early.at));
    }
  }
  return medianOf(slopes);
}

/** Where a line of this slope stands at `at`: the median of what each point says. */
export function levelAt(points: readonly TimedValue[], slope: number, at: number): number | undefined {
  return medianOf(points.map((point) => point.value + slope * (at - point.at)));
}

/** The middle value, or the mean of the two in the middle; sorts what it is given. */
function medianOf(values: number[]): number | undefined {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = values[middle];
  if (values.length % 2 === 1 || upper === undefined) return upper;
  return (upper + (values[middle - 1] ?? upper)) / 2;
}
