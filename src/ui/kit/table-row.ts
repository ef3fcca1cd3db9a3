import { cellText, cellTone } from '../../views/any-view.ts';
import type { ViewContext } from '../../views/view.ts';
import type { PlacedColumn } from './table-layout.ts';
import type { Theme } from './theme.ts';
import { displayWidth, fit } from './width.ts';

/** Cells before the first column: cursor and mark. */
export const GUTTER = 3;
export const CURSOR_SIGN = '▸';
export const MARK_SIGN = '+';

export interface RowLook {
  readonly isCursor: boolean;
  readonly isMarked: boolean;
  /** Its source no longer vouches for it. */
  readonly isOutdated: boolean;
}

/** One row as one painted line of exactly `width` cells. */
export function paintRow(
  theme: Theme,
  row: never,
  {
    placed,
    context,
    look,
    width,
  }: {
    readonly placed: readonly PlacedColumn[];
    readonly context: ViewContext;
    readonly look: RowLook;
    readonly width: number;
  },
): string {
  const isPlain = look.isCursor && !theme.keepsTonesUnderCursor;
  const mark = look.isMarked ? MARK_SIGN : ' ';
  const gutter = ` ${look.isCursor ? CURSOR_SIGN : ' '}${mark}`;
  let line = look.isMarked && !isPlain ? theme.paint('accent', gutter) : gutter;
  let used = GUTTER;
  let isFirst = true;
  for (const { column, width: cells } of placed) {
    if (!isFirst) {
      line += ' ';
      used += 1;
    }
    isFirst = false;
    const cell = fit(cellText(column, row, context), cells, column);
    const tone = look.isOutdated && column.isHeard !== true ? 'muted' : cellTone(column, row, context);
    line += isPlain ? cell : theme.paint(tone, cell);
    used += cells;
  }
  line += ' '.repeat(Math.max(0, width - used));
  return look.isCursor ? theme.cursorRow(line) : line;
}

export interface HeadingOptions {
  readonly placed: readonly PlacedColumn[];
  readonly sort: { readonly column: string; readonly isDescending: boolean };
  /** Id of the column shift-arrows selected. */
  readonly selected: string | undefined;
  readonly width: number;
}

/** The headings, with an arrow at the sorted column and the selected one underlined and, where there is room, in brackets. */
export function paintHeadings(theme: Theme, { placed, sort, selected, width }: HeadingOptions): string {
  const cells = placed.map(({ column, width: cellWidth }) => {
    const arrow = column.id === sort.column ? (sort.isDescending ? '↓' : '↑') : '';
    const isSelected = column.id === selected;
    const room = Math.max(0, cellWidth - displayWidth(arrow));
    const title =
      column.title.length > room ? `${column.title.slice(0, Math.max(0, room - 1))}.` : column.title;
    const shown = `${room === 0 ? '' : title}${arrow}`;
    if (!isSelected) return fit(shown, cellWidth, { align: column.align });
    // Brackets where they cost no letter; else the line under the heading says it alone.
    const isRoomy = shown.length + 2 <= cellWidth;
    return theme.selectedHeading(fit(isRoomy ? `[${shown}]` : shown, cellWidth, { align: column.align }));
  });
  const used = placed.reduce((sum, one) => sum + one.width, GUTTER + Math.max(0, placed.length - 1));
  return theme.paint(
    'heading',
    `${' '.repeat(GUTTER)}${cells.join(' ')}${' '.repeat(Math.max(0, width - used))}`,
  );
}
