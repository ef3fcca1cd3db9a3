import type { AppError } from '../../core/app-error.ts';
import { appError } from '../../domain/errors.ts';
import type { Filter, FilterTerm, Operator } from './filter.ts';
import { createTextTest, isError } from './text-test.ts';

const MAX_LENGTH = 1_024;
const MAX_TERMS = 32;
const COMPARISON = /^([a-z][a-z0-9_-]*)%?(!=|!~|>=|<=|=|<|>|~)(.*)$/i;
/** Words, with spaces only inside double quotes. */
const WORD = /(?:[^\s"]|"[^"]*"?)+/g;

const invalid = (message: string, hint?: string): AppError => appError('FILTER_INVALID', message, { hint });

/**
 * Reads a filter as it is typed: `was !dr heap>80% age<2h -l app=shop -f lw9 @prod-* -n shop,pay`.
 * A slash in front of a term may stay. The empty filter passes every row.
 */
export function parseFilter(text: string): Filter | AppError {
  if (text.length > MAX_LENGTH) return invalid(`The filter is longer than ${MAX_LENGTH} characters`);
  const words = (text.match(WORD) ?? []).map((word) => word.replaceAll('"', ''));
  if (words.length > MAX_TERMS) return invalid(`The filter has more than ${MAX_TERMS} terms`);
  const terms: FilterTerm[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = withoutSlash(words[index] ?? '');
    if (word === '') continue;
    const flag = /^-([lfn])(?:=(.*))?$/.exec(word);
    let term: FilterTerm | AppError;
    if (flag?.[1] !== undefined) {
      const attached = flag[2] ?? '';
      const argument = attached === '' ? words[++index] : attached;
      if (argument === undefined || argument === '')
        return invalid(`-${flag[1]} needs a value`, FLAG_HINTS[flag[1]]);
      term = flagTerm(flag[1], argument);
    } else term = plainTerm(word);
    if (isError(term)) return term;
    terms.push(term);
  }
  return { terms };
}

const FLAG_HINTS: Readonly<Record<string, string>> = {
  l: 'Write -l label=value.',
  f: 'Write -f and the letters to look for.',
  n: 'Write -n and namespaces, separated by commas.',
};

const withoutSlash = (word: string): string => (word.startsWith('/') ? word.slice(1) : word);

function flagTerm(flag: string, argument: string): FilterTerm {
  if (flag === 'f') return { kind: 'fuzzy', text: argument };
  if (flag === 'n') return { kind: 'namespace', globs: argument.split(',').filter((name) => name !== '') };
  const [, name = argument, operator, value] = /^([^=!]+)(!=|==?)(.*)$/.exec(argument) ?? [];
  return { kind: 'label', name, isNegated: operator === '!=', value };
}

function plainTerm(word: string): FilterTerm | AppError {
  if (word.startsWith('@')) {
    const globs = word
      .slice(1)
      .split(',')
      .filter((glob) => glob !== '');
    if (globs.length === 0) return invalid('@ needs the name of a context', 'Write @prod-* or @a,b.');
    return { kind: 'context', globs };
  }
  const [, column, operator, value = ''] = COMPARISON.exec(word) ?? [];
  if (column !== undefined && isOperator(operator)) return comparison(column, operator, value);
  const isNegated = word.startsWith('!');
  const pattern = isNegated ? word.slice(1) : word;
  if (pattern === '') return invalid('! needs the text to leave out', 'Write !text.');
  const test = createTextTest(pattern);
  return isError(test) ? test : { kind: 'text', pattern, isNegated, test };
}

function comparison(column: string, operator: Operator, value: string): FilterTerm | AppError {
  if (value === '') return invalid(`${column}${operator} needs a value`);
  if (operator !== '~' && operator !== '!~') return { kind: 'compare', column, operator, value };
  const test = createTextTest(value);
  return isError(test) ? test : { kind: 'compare', column, operator, value, test };
}

const OPERATORS: ReadonlySet<string> = new Set(['=', '!=', '<', '<=', '>', '>=', '~', '!~']);
const isOperator = (text: string | undefined): text is Operator => text !== undefined && OPERATORS.has(text);
