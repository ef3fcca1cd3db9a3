import { rankFuzzy } from './fuzzy.ts';
import type { KnownNames } from './known-names.ts';
import { fullCommandNames } from './names.ts';

/** Candidates for the word before the cursor, best first, each the whole word it would become. */
export interface Completion {
  /** Where that word begins. */
  readonly start: number;
  readonly candidates: readonly string[];
}

const LIMIT = 8;

/** What the last word of a command line may become. */
export function complete(line: string, world: KnownNames): Completion {
  const start = line.search(/\S*$/);
  const word = line.slice(start);
  if (line.slice(0, start).trim() === '') {
    return { start, candidates: rankFuzzy(word, fullCommandNames()).slice(0, LIMIT) };
  }
  const listed = (prefix: string, names: readonly string[]): Completion => {
    const comma = word.lastIndexOf(',');
    const head = comma === -1 ? prefix : word.slice(0, comma + 1);
    const typed = word.slice(head.length);
    return {
      start,
      candidates: rankFuzzy(typed, names)
        .slice(0, LIMIT)
        .map((name) => head + name),
    };
  };
  if (word.startsWith('@')) return listed('@', world.contexts);
  if (/(?:^|\s)-n\s+$/.test(line.slice(0, start))) return listed('', world.namespaces);
  return { start, candidates: [] };
}

/** The line after `tab`: the best candidate, or the next one where it already stands there. */
export function applyCompletion(line: string, { start, candidates }: Completion): string {
  const word = line.slice(start);
  const at = candidates.indexOf(word);
  const chosen = candidates[at === -1 ? 0 : (at + 1) % candidates.length];
  return chosen === undefined ? line : line.slice(0, start) + chosen;
}
