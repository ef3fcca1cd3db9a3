import { ageOf, formatAge } from './format-age.ts';
import type { Column } from './view.ts';

/** How long ago something happened (`at` in epoch ms), for rows about one instant. */
export const ageColumn = <Row>(
  at: (row: Row) => number,
  { dropOrder, width = 5 }: { readonly dropOrder: number; readonly width?: number },
): Column<Row> => ({
  id: 'age',
  title: 'AGE',
  width,
  align: 'right',
  dropOrder,
  unit: 'age',
  sortKey: 'A',
  value: (row, { now }) => ageOf(at(row), now),
  text: (row, { now }) => formatAge(Math.max(0, now - at(row))),
});

/** What a row is about, where it has a name of its own beside it. */
export const targetColumn = <Row extends { readonly targetName: string }>(
  dropOrder: number,
): Column<Row> => ({
  id: 'name',
  title: 'TARGET',
  width: 26,
  min: 16,
  cut: 'middle',
  dropOrder,
  sortKey: 'N',
  value: ({ targetName }) => targetName,
});

/** The context a row belongs to. */
export const contextColumn = <Row>(contextOf: (row: Row) => string, dropOrder: number): Column<Row> => ({
  id: 'ctx',
  title: 'CONTEXT',
  width: 12,
  min: 8,
  dropOrder,
  sortKey: 'P',
  value: contextOf,
});
