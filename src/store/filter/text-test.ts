import { RE2JS } from 're2js';
import { AppError, describeThrown } from '../../core/app-error.ts';
import { appError } from '../../domain/errors.ts';
import type { TextTest } from './filter.ts';

const MAX_PATTERN_LENGTH = 256;
const SPECIAL = /[\\.^$|?*+()[\]{}]/;
/** What needs backtracking, and so could stall. */
const BACKTRACKING = /\(\?(<?[=!]|>)|\\[1-9]|\\k</;

/**
 * A test of text for a pattern, in time linear in the text. Upper case in the pattern makes it tell cases apart.
 * A pattern without special characters is searched for as it stands.
 */
export function createTextTest(pattern: string): TextTest | AppError {
  if (pattern.length > MAX_PATTERN_LENGTH)
    return appError('FILTER_INVALID', `The pattern is longer than ${MAX_PATTERN_LENGTH} characters`);
  const isExact = /\p{Lu}/u.test(pattern.replace(/\\./g, ''));
  if (!SPECIAL.test(pattern)) {
    if (isExact) return (text) => text.includes(pattern);
    const lower = pattern.toLowerCase();
    return (text) => text.toLowerCase().includes(lower);
  }
  if (BACKTRACKING.test(pattern.replace(/\\\\/g, '')))
    return appError(
      'FILTER_INVALID',
      `/${pattern}/ uses a back-reference or look-around, which could take for ever`,
      { hint: 'Write it without (?=…), (?!…), (?<…) and \\1; /!text leaves rows out.' },
    );
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.MULTILINE | (isExact ? 0 : RE2JS.CASE_INSENSITIVE));
    return (text) => compiled.test(text);
  } catch (thrown) {
    const reason = describeThrown(thrown).replace(/^error parsing regexp: /, '');
    return appError('FILTER_INVALID', `/${pattern}/ is no pattern: ${reason}`, { cause: thrown });
  }
}

export const isError = (value: unknown): value is AppError => value instanceof AppError;
