import type { AppError } from '../../core/app-error.ts';
import { createGlobMatcher } from '../../core/glob.ts';
import { appError } from '../../domain/errors.ts';
import { compareNatural } from '../natural-order.ts';
import type { RowTest } from './compile-filter.ts';
import type { FilterColumn, FilterTerm, FilterView, Operator } from './filter.ts';
import { exampleOf, parseQuantity } from './quantity.ts';

type Comparison = Extract<FilterTerm, { kind: 'compare' }>;
type Value = string | number | undefined;

/** Other words people type for a column. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  ctx: ['context'],
  context: ['ctx'],
  ns: ['namespace'],
  namespace: ['ns'],
  sc: ['service-cluster', 'servicecluster'],
  rev: ['revision'],
  revision: ['rev'],
};

function findColumn<Row, Context>(
  name: string,
  columns: readonly FilterColumn<Row, Context>[],
): FilterColumn<Row, Context> | undefined {
  const wanted = name.toLowerCase();
  const named = (id: string) => columns.find((column) => column.id.toLowerCase() === id);
  const exact = named(wanted) ?? ALIASES[wanted]?.map(named).find((column) => column !== undefined);
  if (exact !== undefined) return exact;
  const begun = columns.filter(({ id }) => id.toLowerCase().startsWith(wanted));
  return begun.length === 1 ? begun[0] : undefined;
}

/** `heap>80%`: a number of the column's unit, else text; what is not known is never equal, less or more. */
export function compileComparison<Row, Context>(
  { column: name, operator, value: written, test }: Comparison,
  { columns }: FilterView<Row, Context>,
): RowTest<Row, Context> | AppError {
  const column = findColumn(name, columns);
  if (column === undefined) {
    return appError('FILTER_INVALID', `There is no column ${name}`, {
      hint: `Columns: ${columns.map(({ id }) => id).join(', ')}. A label is -l ${name}=…`,
    });
  }
  const accepts = acceptsValue(column.unit ?? 'text', { operator, written, test });
  if (typeof accepts === 'string')
    return appError('FILTER_INVALID', `${name}${operator}${written}: ${accepts}`);
  return (row, context) => accepts(column.value(row, context));
}

function acceptsValue(
  unit: NonNullable<FilterColumn<never, never>['unit']>,
  { operator, written, test }: { operator: Operator; written: string; test: Comparison['test'] },
): ((value: Value) => boolean) | string {
  if (test !== undefined) {
    const isNegated = operator === '!~';
    return (value) => (value !== undefined && test(String(value))) !== isNegated;
  }
  if (/^n\/a$/i.test(written) && (operator === '=' || operator === '!='))
    return (value) => (value === undefined) === (operator === '=');
  const wanted = parseQuantity(written, unit);
  if (wanted === undefined && unit !== 'text') return `write it as ${exampleOf(unit)}`;
  if (operator === '=' || operator === '!=') {
    const matches = createGlobMatcher([written.toLowerCase()]);
    const isEqual = (value: Value): boolean => {
      if (value === undefined) return false;
      if (typeof value === 'number') return wanted !== undefined && isAbout(value, wanted, unit);
      return matches(value.toLowerCase());
    };
    return operator === '=' ? isEqual : (value) => !isEqual(value);
  }
  return (value) => {
    if (value === undefined) return false;
    if (typeof value === 'number') return wanted !== undefined && holds(operator, value - wanted);
    return holds(operator, compareNatural(value.toLowerCase(), written.toLowerCase()));
  };
}

/** Percents are shown without fractions, so `heap=80%` means what shows as 80 %. */
const isAbout = (value: number, wanted: number, unit: string): boolean =>
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
