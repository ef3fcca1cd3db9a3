const AGES = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** As the rows write ages: the largest unit alone. */
export function ageText(ageMs: number): string {
  const [unit, unitMs] = AGES.find(([, each]) => ageMs >= each) ?? ['s', 1_000];
  return `${Math.max(0, Math.floor(ageMs / unitMs))}${unit}`;
}
