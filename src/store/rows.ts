import type { AppError } from '../core/app-error.ts';
import type { Ref } from '../domain/ref.ts';
import { compileFilter } from './filter/compile-filter.ts';
import type { FilterView } from './filter/filter.ts';
import { parseFilter } from './filter/parse-filter.ts';
import { isError } from './filter/text-test.ts';
import { naturalKey } from './natural-order.ts';

/** What selecting rows needs of a view; a `ViewSpec` fits. */
export interface RowView<Row, Context> extends FilterView<Row, Context> {
  readonly nameOf: (row: Row) => string;
  /** Rows this view leaves out. */
  readonly only?: ((row: Row, context: Context) => boolean) | undefined;
}

export interface RowQuery<Row, Context> {
  readonly table: { readonly rows: ReadonlyMap<string, Row>; readonly version: number };
  readonly view: RowView<Row, Context>;
  readonly context: Context;
  readonly sort: { readonly column: string; readonly isDescending: boolean };
  /** As typed. */
  readonly filter: string;
  /** Leaves further rows out (a scope, faults only); another function is another query. */
  readonly keep?: ((row: Row, context: Context) => boolean) | undefined;
}

/** Rows as a table shows them, filtered and in order. */
export interface RowSelection<Row> {
  readonly rows: readonly Row[];
  /** Rows of the view before `keep` and filter. */
  readonly total: number;
  /** Why the filter cannot be used; then it leaves nothing out. */
  readonly filterError?: AppError | undefined;
  /** Place of the row with this key, -1 where it is not shown. */
  indexOf(key: string): number;
}

interface Keyed<Row> {
  readonly row: Row;
  readonly key: string;
  readonly order: string | number | undefined;
  readonly tie: string;
}

export function selectRows<Row extends { readonly ref: Ref }, Context>(
  query: RowQuery<Row, Context>,
): RowSelection<Row> {
  const { table, view, context, sort, keep } = query;
  const parsed = parseFilter(query.filter);
  const test = isError(parsed) ? parsed : compileFilter(parsed, view);
  const filterError = isError(test) ? test : undefined;
  const column = view.columns.find(({ id }) => id === sort.column);
  const orderOf = column?.order ?? column?.value;
  const kept: Keyed<Row>[] = [];
  let total = 0;
  for (const [key, row] of table.rows) {
    if (view.only !== undefined && !view.only(row, context)) continue;
    total++;
    if (keep !== undefined && !keep(row, context)) continue;
    if (!isError(test) && !test(row, context)) continue;
    const value = orderOf?.(row, context);
    kept.push({
      row,
      key,
      order: typeof value === 'string' ? naturalKey(value) : value,
      tie: naturalKey(view.nameOf(row)),
    });
  }
  const direction = sort.isDescending ? -1 : 1;
  kept.sort(
    (a, b) =>
      compareOrder(a.order, b.order, direction) || compareText(a.tie, b.tie) || compareText(a.key, b.key),
  );
  let places: Map<string, number> | undefined;
  return {
    rows: kept.map(({ row }) => row),
    total,
    filterError,
    indexOf(key) {
      places ??= new Map(kept.map((one, index) => [one.key, index]));
      return places.get(key) ?? -1;
    },
  };
}

/** Not known comes last in either direction; numbers come before text. */
function compareOrder(a: Keyed<unknown>['order'], b: Keyed<unknown>['order'], direction: 1 | -1): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  if (typeof a === 'number' && typeof b === 'number') return (a - b) * direction;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b) * direction;
  return (typeof a === 'number' ? -1 : 1) * direction;
}

const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
