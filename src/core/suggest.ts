import { closestMatch } from 'leven';

/** The candidate a mistyped name most likely meant, or `undefined` where none is near. */
export function suggest(typed: string, candidates: readonly string[]): string | undefined {
  const match = closestMatch(typed, [...candidates], {
    maxDistance: Math.max(2, Math.floor(typed.length / 3)),
  });
  return match === typed ? undefined : match;
}
