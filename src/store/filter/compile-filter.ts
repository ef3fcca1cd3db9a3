import type { AppError } from '../../core/app-error.ts';
import { createGlobMatcher } from '../../core/glob.ts';
import { appError } from '../../domain/errors.ts';
import { compileComparison } from './comparison.ts';
import type { Filter, FilterColumn, FilterTerm, FilterView } from './filter.ts';
import { isError } from './text-test.ts';

export type RowTest<Row, Context> = (row: Row, context: Context) => boolean;

/** The test a filter makes of rows of a view, cheapest terms first; an error names what the view does not have. */
export function compileFilter<Row, Context>(
  filter: Filter,
  view: FilterView<Row, Context>,
): RowTest<Row, Context> | AppError {
  const tests: RowTest<Row, Context>[] = [];
  const ordered = [...filter.terms].sort((a, b) => COST[a.kind] - COST[b.kind]);
  for (const term of ordered) {
    const test = compileTerm(term, view);
    if (isError(test)) return test;
    tests.push(test);
  }
  const [only] = tests;
  if (only === undefined) return () => true;
  return tests.length === 1 ? only : (row, context) => tests.every((test) => test(row, context));
}

const COST: Readonly<Record<FilterTerm['kind'], number>> = {
  context: 0,
  namespace: 0,
  compare: 1,
  label: 2,
  fuzzy: 3,
  text: 4,
};

function compileTerm<Row, Context>(
  term: FilterTerm,
  view: FilterView<Row, Context>,
): RowTest<Row, Context> | AppError {
  switch (term.kind) {
    case 'text': {
      const textOf = rowText(view);
      const { test, isNegated } = term;
      return (row, context) => test(textOf(row, context)) !== isNegated;
    }
    case 'fuzzy': {
      const textOf = view.nameOf ?? rowText(view);
      const wanted = [...term.text.toLowerCase()];
      return (row, context) => isSubsequence(wanted, textOf(row, context).toLowerCase());
    }
    case 'compare':
      return compileComparison(term, view);
    case 'label':
      return compileLabel(term, view);
    case 'context':
      return ofGlobs(term.globs, view.contextOf, 'context');
    case 'namespace':
      return ofGlobs(term.globs, view.namespaceOf, 'namespace');
  }
}

const isText = <Row, Context>({ unit }: FilterColumn<Row, Context>): boolean =>
  unit === undefined || unit === 'text';

/** All text of a row, a column a line, so that `^` and `$` mean a column's ends. */
function rowText<Row, Context>({
  columns,
  nameOf,
}: FilterView<Row, Context>): (row: Row, context: Context) => string {
  const searched = columns.filter(isText);
  return (row, context) => {
    let text = nameOf === undefined ? '' : nameOf(row);
    for (const column of searched) {
      const value = column.value(row, context);
      if (value !== undefined) text += `\n${value}`;
    }
    return text;
  };
}

function isSubsequence(wanted: readonly string[], text: string): boolean {
  let from = 0;
  for (const character of wanted) {
    const at = text.indexOf(character, from);
    if (at < 0) return false;
    from = at + character.length;
  }
  return true;
}

function compileLabel<Row, Context>(
  { name, value, isNegated }: Extract<FilterTerm, { kind: 'label' }>,
  { labelsOf }: FilterView<Row, Context>,
): RowTest<Row, Context> | AppError {
  if (labelsOf === undefined) return appError('FILTER_INVALID', 'These rows have no labels');
  const matches = value === undefined ? () => true : createGlobMatcher([value]);
  return (row) => {
    const own = labelsOf(row)[name];
    return (own !== undefined && matches(own)) !== isNegated;
  };
}

function ofGlobs<Row, Context>(
  globs: readonly string[],
  read: ((row: Row) => string | undefined) | undefined,
  what: string,
): RowTest<Row, Context> | AppError {
  if (read === undefined) return appError('FILTER_INVALID', `These rows have no ${what}`);
  const matches = createGlobMatcher(globs);
  return (row) => {
    const name = read(row);
    return name !== undefined && matches(name);
  };
}
