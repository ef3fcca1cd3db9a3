import type { AppError } from '../../core/app-error.ts';
import { createGlobMatcher } from '../../core/glob.ts';
import { appError } from '../../domain/errors.ts';
import { compareNatural } from '../natural-order.ts';
import type { RowTest } from './compile-filter.ts';
import type { FilterColumn, FilterTerm, FilterUnit, FilterView, Operator } from './filter.ts';
import { findColumn } from './find-column.ts';
import { levelPlace } from './levels.ts';
import { exampleOf, parseQuantity } from './quantity.ts';
import { isError } from './text-test.ts';

type Comparison = Extract<FilterTerm, { kind: 'compare' }>;
type Read<Row, Context> = (row: Row, context: Context) => string | number | undefined;
type KnownTest = (value: string | number) => boolean;

/**
 * `heap>80%`: a number of the column's unit, a level by its place, else text. What is not known satisfies no
 * comparison, `!=` and `!~` included; only `=n/a` and `!=n/a` ask for it.
 */
export function compileComparison<Row, Context>(
  comparison: Comparison,
  { columns }: FilterView<Row, Context>,
): RowTest<Row, Context> | AppError {
  const { column: name, operator, value: written, test } = comparison;
  const column = findColumn(name, columns);
  if (isError(column)) return column;
  const isEquality = operator === '=' || operator === '!=';
  if (isEquality && /^n\/a$/i.test(written)) {
    const { value } = column;
    return (row, context) => (value(row, context) === undefined) === (operator === '=');
  }
  if (test !== undefined) {
    const isNegated = operator === '!~';
    return whereKnown(column.value, (value) => test(String(value)) !== isNegated);
  }
  const refuse = (why: string) => appError('FILTER_INVALID', `${name}${operator}${written}: ${why}`);
  const unit = column.unit ?? 'text';
  if (unit !== 'text') return compareQuantity(comparison, column, { columns, refuse });
  if (column.levels !== undefined && !/[*?]/.test(written)) {
    const { levels } = column;
    const place = levelPlace(written, levels);
    if (typeof place === 'string') return refuse(place);
    const passing = new Set(levels.filter((_, index) => holds(operator, index - place)));
    // A level nobody declared is only different.
    return whereKnown(column.value, (value) =>
      operator === '!=' && !levels.includes(String(value)) ? true : passing.has(String(value)),
    );
  }
  if (isEquality) {
    const matches = createGlobMatcher([written.toLowerCase()]);
    return whereKnown(column.value, (value) => matches(String(value).toLowerCase()) === (operator === '='));
  }
  if (column.order === undefined)
    return refuse(`${column.id} is text; ${operator} takes ${comparable(columns)}`);
  return whereKnown(column.value, (value) => holds(operator, compareNatural(String(value), written)));
}

const whereKnown =
  <Row, Context>(read: Read<Row, Context>, test: KnownTest): RowTest<Row, Context> =>
  (row, context) => {
    const value = read(row, context);
    return value !== undefined && test(value);
  };

/** A number of the column's unit, or bytes where the column knows them too. */
function compareQuantity<Row, Context>(
  { operator, value: written }: Comparison,
  column: FilterColumn<Row, Context>,
  {
    columns,
    refuse,
  }: {
    readonly columns: readonly FilterColumn<Row, Context>[];
    readonly refuse: (why: string) => AppError;
  },
): RowTest<Row, Context> | AppError {
  const unit = column.unit ?? 'text';
  const compare = (read: Read<Row, Context>, wanted: number, of: FilterUnit) =>
    whereKnown(read, (value) => {
      if (typeof value !== 'number') return false;
      const isEqual = isAbout(value, wanted, of);
      if (operator === '=' || operator === '!=') return isEqual === (operator === '=');
      return holds(operator, value - wanted);
    });
  const wanted = parseQuantity(written, unit);
  if (wanted !== undefined) return compare(column.value, wanted, unit);
  const bytes = parseQuantity(written, 'bytes');
  if (column.bytes !== undefined && bytes !== undefined) return compare(column.bytes, bytes, 'bytes');
  const others = columns.filter((other) => takes(other, written)).map(({ id }) => id);
  const elsewhere = others.length === 0 ? '' : `; ${written} can be compared with ${others.join(', ')}`;
  const alternative = column.bytes === undefined ? '' : ` or ${exampleOf('bytes')}`;
  return refuse(`write it as ${exampleOf(unit)}${alternative}${elsewhere}`);
}

/** True where a column of numbers reads what was written. */
function takes<Row, Context>({ unit, bytes }: FilterColumn<Row, Context>, written: string): boolean {
  if (unit === undefined || unit === 'text') return false;
  return (
    parseQuantity(written, unit) !== undefined ||
    (bytes !== undefined && parseQuantity(written, 'bytes') !== undefined)
  );
}

/** Columns that `<` and `>` take. */
const comparable = <Row, Context>(columns: readonly FilterColumn<Row, Context>[]): string =>
  columns
    .filter(
      ({ unit, levels, order }) =>
        (unit !== undefined && unit !== 'text') || levels !== undefined || order !== undefined,
    )
    .map(({ id }) => id)
    .join(', ');

/** Percents are shown without fractions, so `heap=80%` means what shows as 80 %. */
const isAbout = (value: number, wanted: number, unit: FilterUnit): boolean =>
  value === wanted || (unit === 'percent' && Number.isInteger(wanted) && Math.round(value) === wanted);

function holds(operator: Operator, difference: number): boolean {
  switch (operator) {
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '~':
    case '!~':
      return false;
  }
}
