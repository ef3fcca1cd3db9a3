import type { Entities } from '../domain/entities.ts';
import type { Kind } from '../domain/kind.ts';
import { NOT_KNOWN } from './format-number.ts';
import type { Column, LooseView, Tone, ViewContext } from './view.ts';

/** A row of any kind. */
export type AnyRow = Entities[Kind];

/** Hands a row to a view of its kind; the one place where kinds of rows and views meet unchecked by the compiler. */
export function rowFor(view: LooseView, row: AnyRow): never {
  if (row.ref.kind !== view.kind) throw new TypeError(`A ${row.ref.kind} is no row of ${view.id}`);
  return row as never;
}

export const cellValue = (
  column: Column<never>,
  row: never,
  context: ViewContext,
): string | number | undefined => column.value(row, context);

/** What is shown of a cell: its own text, else the value, else `n/a`. */
export function cellText<Row>(column: Column<Row>, row: Row, context: ViewContext): string {
  if (column.text !== undefined) return column.text(row, context);
  const value = column.value(row, context);
  return value === undefined ? NOT_KNOWN : String(value);
}

export const cellTone = (column: Column<never>, row: never, context: ViewContext): Tone =>
  column.tone?.(row, context) ?? 'normal';

/** What sorts a row in a column; `undefined` sorts last. */
export const cellOrder = <Row>(
  column: Column<Row>,
  row: Row,
  context: ViewContext,
): string | number | undefined => (column.order ?? column.value)(row, context);
