import type { Entities } from '../domain/entities.ts';
import type { Kind } from '../domain/kind.ts';
import type { Ref } from '../domain/ref.ts';
import type { Text } from '../domain/text.ts';
import { cellOrder, cellText } from './any-view.ts';
import type { AnyView, DetailSection, ViewContext, ViewSpec } from './view.ts';

/** A column without the type of its rows: what tables and exports outside the screen need. */
export interface BoundColumn {
  readonly id: string;
  readonly title: string;
  readonly isWide: boolean;
  readonly isRight: boolean;
  /** Moves with the clock alone. */
  readonly isAge: boolean;
}

/** One row of any kind, read through its view. */
export interface BoundRow {
  readonly ref: Ref;
  readonly name: string;
  readonly context: string;
  readonly namespace: string | undefined;
  /** The entity itself, to see whether it changed. */
  readonly entity: unknown;
  values(): readonly (string | number | undefined)[];
  texts(): readonly string[];
  json(): Readonly<Record<string, unknown>>;
  detail(): readonly DetailSection[];
  /** A page of its own; `undefined` where the view has none of that name. */
  page(part: string): readonly DetailSection[] | undefined;
}

/** A view with the type of its rows closed over, so that code for all kinds needs no cast. */
export interface BoundView {
  readonly id: string;
  readonly kind: Kind;
  readonly aliases: readonly string[];
  readonly columns: readonly BoundColumn[];
  /** Its rows stand in namespaces (or ECS clusters, or on hosts). */
  readonly hasNamespaces: boolean;
  /** Its rows are kept on this machine, whatever is configured. */
  readonly isLocal: boolean;
  /** Why it has no rows, where the view knows better than that none came. */
  whenEmpty(context: ViewContext): Text | undefined;
  /** Rows the view shows, in its own order, then by name. */
  rows(context: ViewContext): readonly BoundRow[];
}

type ViewOf = { [K in Kind]: ViewSpec<K> };

export const bindViews = (views: readonly AnyView[]): readonly BoundView[] =>
  views.map((view) => bindView(view));

function bindView<K extends Kind>(view: ViewOf[K]): BoundView {
  const spec: ViewSpec<K> = view;
  const columns = spec.columns.map(({ id, title, wide, align, unit }) => ({
    id,
    title,
    isWide: wide === true,
    isRight: align === 'right',
    isAge: unit === 'age',
  }));
  return {
    id: spec.id,
    kind: spec.kind,
    aliases: spec.aliases,
    columns,
    hasNamespaces: spec.namespaceOf !== undefined,
    isLocal: spec.isLocal === true,
    whenEmpty: (context) => spec.whenEmpty?.(undefined, context),
    rows(context) {
      const rows: Entities[K][] = [];
      for (const row of context.related.all(spec.kind)) {
        if (spec.only === undefined || spec.only(row, context)) rows.push(row);
      }
      return rows.sort(orderOf(spec, context)).map((row) => bindRow(spec, row, context));
    },
  };
}

function bindRow<K extends Kind>(spec: ViewSpec<K>, row: Entities[K], context: ViewContext): BoundRow {
  return {
    ref: row.ref,
    name: spec.nameOf(row),
    context: spec.contextOf(row),
    namespace: spec.namespaceOf?.(row),
    entity: row,
    values: () => spec.columns.map((column) => column.value(row, context)),
    texts: () => spec.columns.map((column) => cellText(column, row, context)),
    json: () => spec.json(row, context),
    detail: () => spec.detail?.(row, context) ?? [],
    page: (part) => spec.pages?.[part]?.(row, context),
  };
}

function orderOf<K extends Kind>(spec: ViewSpec<K>, context: ViewContext) {
  const column = spec.columns.find(({ id }) => id === spec.sort.column);
  const direction = spec.sort.descending === true ? -1 : 1;
  const collator = new Intl.Collator('en', { numeric: true });
  const keyOf = (row: Entities[K]) => `${spec.nameOf(row)}\n${row.ref.context}\n${row.ref.id}`;
  return (a: Entities[K], b: Entities[K]): number => {
    const [x, y] = [a, b].map((row) => column && cellOrder(column, row, context));
    if (x !== y && (x === undefined || y === undefined)) return x === undefined ? 1 : -1;
    const by =
      typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(`${x ?? ''}`, `${y ?? ''}`);
    return by === 0 ? collator.compare(keyOf(a), keyOf(b)) : by * direction;
  };
}
