import { cellText } from '../views/any-view.ts';
import type { LooseView, ViewContext } from '../views/view.ts';

export interface RowFilter {
  matches(row: never): boolean;
  readonly error?: string | undefined;
}

/** The filter of a page for rows of a view; one that cannot be read matches everything and says why. */
export function compileFilter(view: LooseView, filter: string, context: ViewContext): RowFilter {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '') return { matches: () => true };
  return {
    matches: (row) =>
      view.columns.some((column) => cellText(column, row, context).toLowerCase().includes(wanted)),
  };
}
