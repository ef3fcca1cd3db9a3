import type { AppError } from '../core/app-error.ts';
import { createGlobMatcher } from '../core/glob.ts';
import { ERRORS } from '../domain/errors.ts';
import { isSameRef, type Ref } from '../domain/ref.ts';
import { compileFilter } from '../store/filter/compile-filter.ts';
import { parseFilter } from '../store/filter/parse-filter.ts';
import { isError } from '../store/filter/text-test.ts';
import { type RowView, selectRows as selectFrom } from '../store/rows.ts';
import type { Page, SortChoice } from '../store/shell/page.ts';
import type { Table } from '../store/state.ts';
import { type AnyRow, rowFor } from '../views/any-view.ts';
import type { LooseView, ViewContext } from '../views/view.ts';

/** The rows a table page shows, filtered and sorted, as they stood at the last data frame. */
export interface RowSet {
  readonly rows: readonly AnyRow[];
  readonly refs: readonly Ref[];
  /** Rows of the view before any filter. */
  readonly total: number;
  /** Why the filter cannot be used; then it filters nothing. */
  readonly filterError?: string | undefined;
  /** -1 where the ref is not shown. */
  readonly indexOf: (ref: Ref) => number;
}

export const EMPTY_ROWS: RowSet = { rows: [], refs: [], total: 0, indexOf: () => -1 };

export interface PageQuery {
  readonly view: LooseView;
  readonly table: Table<AnyRow>;
  readonly page: Page;
  readonly context: ViewContext;
}

/** The sort in force: the page's own, else the view's. */
export const sortOf = (view: LooseView, page: Page): SortChoice =>
  page.sort ?? { column: view.sort.column, isDescending: view.sort.descending === true };

type AnyRowView = RowView<AnyRow, ViewContext>;
type RowTest = (row: AnyRow, context: ViewContext) => boolean;

/** A view for rows of any kind; it refuses those of another. */
function openView(view: LooseView): AnyRowView {
  const { namespaceOf, labelsOf } = view;
  return {
    columns: view.columns.map(({ id, title, unit, levels, value, order, bytes }) => ({
      id,
      title,
      unit,
      levels,
      value: (row, context) => value(rowFor(view, row), context),
      ...(bytes === undefined ? {} : { bytes: (row, context) => bytes(rowFor(view, row), context) }),
      ...(order === undefined ? {} : { order: (row, context) => order(rowFor(view, row), context) }),
    })),
    nameOf: (row) => view.nameOf(rowFor(view, row)),
    contextOf: (row) => view.contextOf(rowFor(view, row)),
    namespaceOf: namespaceOf === undefined ? undefined : (row) => namespaceOf(rowFor(view, row)),
    labelsOf: labelsOf === undefined ? undefined : (row) => labelsOf(rowFor(view, row)),
  };
}
const opened = new WeakMap<LooseView, AnyRowView>();
function opening(view: LooseView): AnyRowView {
  const known = opened.get(view) ?? openView(view);
  opened.set(view, known);
  return known;
}

/** Why a filter cannot be used on the rows of a view, with what to write instead; `undefined` where it can. */
export function filterProblem(view: LooseView, filter: string): string | undefined {
  const parsed = parseFilter(filter);
  const test = isError(parsed) ? parsed : compileFilter(parsed, opening(view));
  return isError(test) ? problemText(test) : undefined;
}
const problemText = ({ message, hint }: AppError): string =>
  hint === ERRORS.FILTER_INVALID.hint ? message : `${message.replace(/([^.?!])$/, '$1.')} ${hint}`;

/** Rows that are the page's own before anything narrows them: of the view, and within its scope. */
function ownRows(view: LooseView, page: Page): RowTest | undefined {
  const { only, isIn } = view;
  const scope = page.content.kind === 'table' ? page.content.scope : undefined;
  if (only === undefined && scope === undefined) return undefined;
  return (any, context) => {
    const row = rowFor(view, any);
    if (only !== undefined && !only(row, context)) return false;
    return scope === undefined || isIn?.(row, scope, context) === true;
  };
}

/** What a command or `^z` narrowed the page to. */
function narrowed(view: LooseView, { narrowing, isFaultsOnly }: Page): RowTest | undefined {
  const tests: RowTest[] = [];
  const { contexts, namespaces, labels } = narrowing;
  if (isFaultsOnly) tests.push((row, context) => view.isFault(rowFor(view, row), context));
  if (contexts.length > 0) {
    const matches = createGlobMatcher(contexts);
    tests.push((row) => matches(view.contextOf(rowFor(view, row))));
  }
  if (namespaces.length > 0) {
    const matches = createGlobMatcher(namespaces);
    tests.push((row) => matches(view.namespaceOf?.(rowFor(view, row)) ?? ''));
  }
  for (const [name, value] of Object.entries(labels)) {
    const matches = createGlobMatcher([value]);
    tests.push((row) => {
      const own = view.labelsOf?.(rowFor(view, row))[name];
      return own !== undefined && matches(own);
    });
  }
  return tests.length === 0 ? undefined : (row, context) => tests.every((test) => test(row, context));
}

export function selectRows({ view, table, page, context }: PageQuery): RowSet {
  const selection = selectFrom<AnyRow, ViewContext>({
    table,
    view: { ...opening(view), only: ownRows(view, page) },
    context,
    sort: sortOf(view, page),
    filter: page.filter,
    keep: narrowed(view, page),
  });
  let refs: readonly Ref[] | undefined;
  return {
    rows: selection.rows,
    total: selection.total,
    filterError: selection.filterError === undefined ? undefined : problemText(selection.filterError),
    get refs() {
      refs ??= selection.rows.map(({ ref }) => ref);
      return refs;
    },
    // One look-up a frame: walking the rows costs a tenth of building an index of them.
    indexOf: (ref) => selection.rows.findIndex((row) => isSameRef(row.ref, ref)),
  };
}
