import type { Column } from '../../views/view.ts';

/** A column and the cells it got. */
export interface PlacedColumn {
  readonly column: Column<never>;
  readonly width: number;
}

export interface LayoutOptions {
  readonly columns: readonly Column<never>[];
  readonly isWide: boolean;
  /** Cells for all columns and the gaps between them. */
  readonly available: number;
  /** Widest content seen of a column so far; a column takes no more than that, its title and its `width` allow. */
  readonly widest: (column: Column<never>) => number;
  /** Id of the column that carries the sort arrow. */
  readonly sorted: string;
}

const GAP = 1;
/** A growing column is not squeezed below this before others are dropped. */
const GROW_MIN = 16;
const GROW_WANTED = 22;
/** Columns that would be dropped before this one never take cells a name could use. */
const NAME_BEFORE = 70;
const GROW_FULL = 44;
/** A longer title does not make its column wider than its content. */
const TITLE_WANTED = 11;

/**
 * Which columns are shown and how wide. What does not fit is dropped, highest `dropOrder` first; what is left
 * over goes to the growing columns.
 */
export function layoutColumns({ columns, isWide, available, widest, sorted }: LayoutOptions): PlacedColumn[] {
  let shown = columns.filter((column) => isWide || column.wide !== true);
  const hasLuxury = (): boolean => shown.some(({ dropOrder = 0 }) => dropOrder > NAME_BEFORE);
  const titleWidth = ({ id, title }: Column<never>): number =>
    Math.min(TITLE_WANTED, title.length + (id === sorted ? 1 : 0));
  const need = (column: Column<never>): number =>
    column.width === 'grow'
      ? Math.min(hasLuxury() ? GROW_FULL : GROW_WANTED, Math.max(GROW_MIN, widest(column)))
      : Math.min(column.width, Math.max(titleWidth(column), widest(column)));
  const total = (): number =>
    shown.reduce((sum, column) => sum + need(column), 0) + GAP * Math.max(0, shown.length - 1);
  while (shown.length > 1 && total() > available) {
    const victim = shown
      .filter(({ dropOrder }) => dropOrder !== undefined)
      .reduce<Column<never> | undefined>(
        (worst, column) => ((column.dropOrder ?? 0) > (worst?.dropOrder ?? -1) ? column : worst),
        undefined,
      );
    if (victim === undefined) break;
    shown = shown.filter((column) => column !== victim);
  }
  const growing = shown.filter(({ width }) => width === 'grow').length;
  const spare = Math.max(0, available - total());
  let extra = growing === 0 ? 0 : spare;
  return shown.map((column) => {
    if (column.width !== 'grow') return { column, width: need(column) };
    const share = Math.ceil(extra / growing);
    extra -= share;
    return { column, width: Math.max(1, Math.min(available, need(column)) + share) };
  });
}
