import { suggest } from '../../core/suggest.ts';

/** `level>=warn`: the place of the level that was written, or why there is none; a beginning is enough. */
export function levelPlace(written: string, levels: readonly string[]): number | string {
  const wanted = written.toLowerCase();
  const exact = levels.indexOf(wanted);
  if (exact >= 0) return exact;
  const begun = levels.filter((level) => level.startsWith(wanted) || wanted.startsWith(level));
  const [only] = begun;
  if (only !== undefined && begun.length === 1) return levels.indexOf(only);
  const near = suggest(wanted, levels);
  return `write one of ${levels.join(' < ')}${near === undefined ? '' : `; did you mean ${near}?`}`;
}
