/** Lower is better; `undefined` where the letters of `typed` do not appear in order. */
function score(typed: string, name: string): number | undefined {
  if (name === typed) return 0;
  if (name.startsWith(typed)) return 1 + name.length / 1_000;
  if (new RegExp(`(?:^|[-_ .])${escapeRegExp(typed)}`).test(name)) return 2 + name.length / 1_000;
  let at = -1;
  let gaps = 0;
  for (const letter of typed) {
    const next = name.indexOf(letter, at + 1);
    if (next === -1) return undefined;
    gaps += next - at - 1;
    at = next;
  }
  return 10 + gaps + name.length / 1_000;
}

const escapeRegExp = (words: string): string => words.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&');

/** Names that fit what was typed, best first; equal ones keep their order. */
export function rankFuzzy(typed: string, names: readonly string[]): readonly string[] {
  const wanted = typed.toLowerCase();
  if (wanted === '') return names;
  return names
    .map((name) => ({ name, score: score(wanted, name.toLowerCase()) }))
    .filter((entry): entry is { name: string; score: number } => entry.score !== undefined)
    .sort((a, b) => a.score - b.score)
    .map(({ name }) => name);
}
