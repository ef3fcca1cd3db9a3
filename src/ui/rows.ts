import { type Ref, refKey } from '../domain/ref.ts';
import type { Page, SortChoice } from '../store/shell/page.ts';
import { type AnyRow, cellOrder, rowFor } from '../views/any-view.ts';
import type { Column, LooseView, ViewContext } from '../views/view.ts';
import { matchesGlob } from './command/glob.ts';
import { naturalKey } from './natural-key.ts';
import { compileFilter } from './row-filter.ts';

/** The rows a table page shows, filtered and sorted, as they stood at the last data frame. */
export interface RowSet {
  readonly rows: readonly AnyRow[];
  readonly refs: readonly Ref[];
  /** Rows of the view before any filter. */
  readonly total: number;
  /** Why the filter cannot be used; then it filters nothing. */
  readonly filterError?: string | undefined;
  /** -1 where the ref is not shown. */
  indexOf(ref: Ref): number;
}

export interface RowQuery {
  readonly view: LooseView;
  readonly page: Page;
  readonly context: ViewContext;
}

function rowSetOf(rows: readonly AnyRow[], total: number, filterError: string | undefined): RowSet {
  let refs: readonly Ref[] | undefined;
  let byKey: Map<string, number> | undefined;
  return {
    rows,
    total,
    filterError,
    get refs() {
      refs ??= rows.map(({ ref }) => ref);
      return refs;
    },
    indexOf(ref) {
      byKey ??= new Map(rows.map((row, index) => [refKey(row.ref), index]));
      return byKey.get(refKey(ref)) ?? -1;
    },
  };
}

export const EMPTY_ROWS: RowSet = rowSetOf([], 0, undefined);

/** The sort in force: the page's own, else the view's. */
export const sortOf = (view: LooseView, page: Page): SortChoice =>
  page.sort ?? { column: view.sort.column, isDescending: view.sort.descending === true };

export function selectRows({ view, page, context }: RowQuery): RowSet {
  const scope = page.content.kind === 'table' ? page.content.scope : undefined;
  const { narrowing, isFaultsOnly } = page;
  const labels = Object.entries(narrowing.labels);
  const filter = compileFilter(view, page.filter, context);
  const kept: AnyRow[] = [];
  let total = 0;
  for (const any of context.related.all(view.kind)) {
    const row = rowFor(view, any);
    if (view.only !== undefined && !view.only(row, context)) continue;
    if (scope !== undefined && view.isIn?.(row, scope, context) !== true) continue;
    total++;
    if (isFaultsOnly && !view.isFault(row, context)) continue;
    if (narrowing.contexts.length > 0) {
      const name = view.contextOf(row);
      if (!narrowing.contexts.some((glob) => matchesGlob(glob, name))) continue;
    }
    if (narrowing.namespaces.length > 0) {
      const name = view.namespaceOf?.(row);
      if (name === undefined || !narrowing.namespaces.some((glob) => matchesGlob(glob, name))) continue;
    }
    if (labels.length > 0) {
      const own = view.labelsOf?.(row) ?? {};
      if (!labels.every(([name, value]) => own[name] !== undefined && matchesGlob(value, own[name] ?? '')))
        continue;
    }
    if (filter.matches(row)) kept.push(any);
  }
  return rowSetOf(sortRows(view, kept, { sort: sortOf(view, page), context }), total, filter.error);
}

interface Keyed {
  readonly row: AnyRow;
  readonly key: string | number | undefined;
  readonly tie: string;
}

const keyOf = (value: string | number | undefined): string | number | undefined =>
  typeof value === 'string' ? naturalKey(value) : value;

/** By the column's order, unknown last either way, then by name and ref so that equal rows never swap. */
function sortRows(
  view: LooseView,
  rows: readonly AnyRow[],
  { sort, context }: { readonly sort: SortChoice; readonly context: ViewContext },
): readonly AnyRow[] {
  const column: Column<never> | undefined = view.columns.find(({ id }) => id === sort.column);
  const keyed = rows.map((any): Keyed => {
    const row = rowFor(view, any);
    return {
      row: any,
      key: column === undefined ? undefined : keyOf(cellOrder(column, row, context)),
      tie: naturalKey(view.nameOf(row)),
    };
  });
  const direction = sort.isDescending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key !== b.key) {
      if (a.key === undefined) return 1;
      if (b.key === undefined) return -1;
      if (typeof a.key === typeof b.key) return a.key < b.key ? -direction : direction;
      return typeof a.key === 'number' ? -direction : direction;
    }
    if (a.tie !== b.tie) return a.tie < b.tie ? -1 : 1;
    const [left, right] = [refKey(a.row.ref), refKey(b.row.ref)];
    return left === right ? 0 : left < right ? -1 : 1;
  });
  return keyed.map(({ row }) => row);
}
