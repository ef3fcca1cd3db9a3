import type { Column } from '../../views/view.ts';

/** A column and the cells it got. */
export interface PlacedColumn {
  readonly column: Column<never>;
  readonly width: number;
}

export interface LayoutOptions {
  readonly columns: readonly Column<never>[];
  /** All columns count, and what does not fit is scrolled to instead of dropped. */
  readonly isWide: boolean;
  /** Cells for all columns and the gaps between them. */
  readonly available: number;
  /** Widest content seen of a column so far; no column is wider than that and its title. */
  readonly widest: (column: Column<never>) => number;
  /** True while all cells of a column are the same. */
  readonly isUniform?: ((column: Column<never>) => boolean) | undefined;
  /** Id of the column that carries the sort arrow. */
  readonly sorted: string;
  /** Id of the column that shift-arrows selected. */
  readonly selected?: string | undefined;
  /** Wide: the first column shown beside the first one, as it was in the last frame. */
  readonly from?: number | undefined;
}

export interface Layout {
  readonly placed: readonly PlacedColumn[];
  /** Ids of the columns that can be selected, in order. */
  readonly reachable: readonly string[];
  /** Wide, and not all fit: which columns are shown beside the first, counted from 1. */
  readonly window?: { readonly from: number; readonly to: number; readonly of: number } | undefined;
}

const GAP = 1;
/** A growing column is not squeezed below this before others are dropped. */
const GROW_WANTED = 20;
/** A name that stays while the rest scrolls keeps this much. */
const NAME_LEAST = 16;
/** Columns that would be dropped before this one never take cells a name could use. */
const NAME_BEFORE = 70;
const GROW_FULL = 44;
/** A longer title does not make its column wider than its content. */
const TITLE_WANTED = 11;
const BRACKETS = 2;

interface Need {
  readonly column: Column<never>;
  /** Below this something else has to go. */
  readonly least: number;
  /** What it takes before columns whose cells are cut get more. */
  readonly usual: number;
  /** Shows every cell in full. */
  readonly most: number;
}

/** Cells a heading needs: one with an arrow keeps its letters, and so does one that can be scrolled to. */
function titleWidth({ id, title }: Column<never>, { sorted, selected, isWide }: LayoutOptions): number {
  const marks = (id === sorted ? 1 : 0) + (isWide && id === selected ? BRACKETS : 0);
  return marks === 0 ? Math.min(TITLE_WANTED, title.length) : title.length + marks;
}

/** A number that is cut reads as another number: its column grows by this before a cell is cut, and others go. */
const NUMBER_SLACK = 4;

/** Cells a column takes at most for its own sake. */
export const widthLimit = (width: number, align: Column<never>['align']): number =>
  align === 'right' ? width + NUMBER_SLACK : width;

function needOf(column: Column<never>, options: LayoutOptions, hasLuxury: boolean): Need {
  const widest = options.widest(column);
  const title = titleWidth(column, options);
  const most = Math.max(title, widest);
  if (column.width === 'grow') {
    const wanted = Math.min(hasLuxury || options.isWide ? GROW_FULL : GROW_WANTED, most);
    return { column, least: wanted, usual: Math.min(GROW_FULL, most), most };
  }
  const usual = Math.max(title, Math.min(widthLimit(column.width, column.align), most));
  const least = column.min === undefined ? usual : Math.min(usual, Math.max(column.min, title));
  // Texts may outgrow their column where there is space.
  return { column, least, usual, most: column.align === 'right' ? usual : Math.max(usual, most) };
}

const totalOf = (needs: readonly Need[]): number =>
  needs.reduce((sum, { least }) => sum + least, 0) + GAP * Math.max(0, needs.length - 1);

/** The columns of a narrow table, without those that say the same of every row where another would be cut. */
function withoutUniform(options: LayoutOptions): readonly Column<never>[] {
  const { available, sorted, selected, isUniform } = options;
  const shown = options.columns.filter(({ wide }) => wide !== true);
  const needs = shown.map((column) => needOf(column, options, true));
  const wanted = needs.reduce((sum, { most }) => sum + most, 0) + GAP * Math.max(0, needs.length - 1);
  if (isUniform === undefined || wanted <= available) return shown;
  return shown.filter(
    (column) =>
      column.goesWhenUniform !== true || column.id === sorted || column.id === selected || !isUniform(column),
  );
}

/** Leaves out what does not fit, highest `dropOrder` first. */
function dropped(options: LayoutOptions): readonly Need[] {
  let shown = withoutUniform(options);
  for (;;) {
    const hasLuxury = shown.some(({ dropOrder = 0 }) => dropOrder > NAME_BEFORE);
    const needs = shown.map((column) => needOf(column, options, hasLuxury));
    if (shown.length <= 1 || totalOf(needs) <= options.available) return needs;
    const victim = shown.reduce<Column<never> | undefined>(
      (worst, column) => ((column.dropOrder ?? -1) > (worst?.dropOrder ?? -1) ? column : worst),
      undefined,
    );
    if (victim === undefined) return needs;
    shown = shown.filter((column) => column !== victim);
  }
}

/** Gives what is left over to the columns that lack it, the same to each, until none lacks anything. */
function share(needs: readonly Need[], available: number): readonly PlacedColumn[] {
  const widths = needs.map(({ least }) => Math.max(1, Math.min(available, least)));
  let spare = available - widths.reduce((sum, width) => sum + width, 0) - GAP * Math.max(0, needs.length - 1);
  needs.forEach(({ column, most }, index) => {
    const width = widths[index] ?? 0;
    const more = column.width === 'grow' ? Math.min(spare, most - width, (column.min ?? 0) - width) : 0;
    if (more <= 0) return;
    widths[index] = width + more;
    spare -= more;
  });
  for (const goal of ['usual', 'most'] as const) {
    for (let isMoving = true; isMoving && spare > 0; ) {
      isMoving = false;
      needs.forEach((need, index) => {
        const width = widths[index] ?? 0;
        if (spare <= 0 || width >= need[goal]) return;
        widths[index] = width + 1;
        spare--;
        isMoving = true;
      });
    }
  }
  return needs.map(({ column }, index) => ({ column, width: widths[index] ?? 1 }));
}

/** As many columns as fit from `from` on. */
function fitting(needs: readonly Need[], from: number, room: number): number {
  let left = room;
  let end = from;
  for (; end < needs.length; end++) {
    left -= (needs[end]?.usual ?? 0) + GAP;
    if (left < 0) break;
  }
  return Math.max(end, Math.min(needs.length, from + 1));
}

const atMost = (need: Need, cells: number): Need => ({
  ...need,
  least: Math.max(1, Math.min(need.least, cells)),
});

/** The first column stays; the rest is a window that holds the selected one. */
function scrolled(options: LayoutOptions): Layout {
  const { columns, available, selected, from = 1 } = options;
  const needs = columns.map((column) => needOf(column, options, true));
  const reachable = columns.map(({ id }) => id);
  const [name] = needs;
  if (name === undefined) return { placed: [], reachable };
  // At least half of the line is for what is scrolled.
  const first = { ...name, least: Math.min(name.least, Math.max(NAME_LEAST, Math.floor(available / 2))) };
  const room = available - first.least;
  if (fitting(needs, 1, room) === needs.length) return { placed: share(needs, available), reachable };
  const at = columns.findIndex(({ id }) => id === selected);
  let start = Math.max(1, Math.min(from, columns.length - 1));
  if (at === 0) start = 1;
  else if (at > 0 && at < start) start = at;
  while (at > 0 && start < at && fitting(needs, start, room) <= at) start++;
  // No blank at the right end while columns wait at the left one.
  while (start > 1 && fitting(needs, start - 1, room) === needs.length) start--;
  const end = fitting(needs, start, room);
  return {
    placed: share([first, ...needs.slice(start, end).map((need) => atMost(need, room - GAP))], available),
    reachable,
    window: { from: start + 1, to: end, of: columns.length },
  };
}

/**
 * Which columns are shown and how wide: what does not fit is dropped, or (wide) scrolled to; what is left over goes
 * to columns whose cells are cut.
 */
export function layoutColumns(options: LayoutOptions): Layout {
  if (options.isWide) return scrolled(options);
  const placed = share(dropped(options), options.available);
  return { placed, reachable: placed.map(({ column }) => column.id) };
}
