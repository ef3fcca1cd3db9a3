/** Sum of what is known; not known where nothing is. */
export function sumOf(values: Iterable<number | undefined>): number | undefined {
  let sum: number | undefined;
  for (const value of values) if (value !== undefined) sum = (sum ?? 0) + value;
  return sum;
}
