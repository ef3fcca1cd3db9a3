import type { HealthLevel } from '../../domain/health.ts';
import { isSameRef, type Ref, refKey } from '../../domain/ref.ts';
import { text } from '../../domain/text.ts';
import { type CursorPlace, cursorPlace } from '../../store/shell/selection.ts';
import { cellText, rowFor } from '../../views/any-view.ts';
import type { Column, LooseView } from '../../views/view.ts';
import { HEALTH_SIGNS, HEALTH_TONES, say } from '../../views/words.ts';
import { type Part, part } from '../kit/styled-line.ts';
import { type Layout, layoutColumns, widthLimit } from '../kit/table-layout.ts';
import { GUTTER, paintHeadings, paintRow } from '../kit/table-row.ts';
import { displayWidth, fit, truncate } from '../kit/width.ts';
import { type RowSet, sortOf } from '../rows.ts';
import { firstSteps } from './first-steps.ts';
import { titleLine } from './title-line.ts';
import type { World } from './world.ts';

/** What a table page remembers of its last frame: first row shown and how wide its cells have been. */
export interface TableMemory {
  top: number;
  /** Wide: the first column shown beside the name. */
  from: number;
  readonly widest: Map<string, number>;
  /** By column: the one text of all its cells so far; `undefined` once two differed. */
  readonly uniform: Map<string, string | undefined>;
  /** Whether it is wide the memory was made for. */
  isWide: boolean;
}
export const createTableMemory = (): TableMemory => ({
  top: 0,
  from: 1,
  widest: new Map(),
  uniform: new Map(),
  isWide: false,
});

export interface TableFrame {
  readonly lines: readonly string[];
  /** Columns shown, for selecting one. */
  readonly shown: readonly string[];
  readonly place: CursorPlace;
  /** Of the rows shown. */
  readonly refs: readonly Ref[];
  /** Rows that fit. */
  readonly height: number;
  /** Of those, below the cursor's row. */
  readonly roomBelow: number;
}

const EMPTY = {
  none: text('Nothing here yet', '아직 없음'),
  filtered: text('Nothing matches; esc clears the filter', '일치하는 행 없음, esc로 필터 지우기'),
  narrowed: text(
    'Nothing matches what the command narrowed to; esc goes back',
    '명령으로 좁힌 행 없음, esc로 뒤로',
  ),
  faults: text('No faults; ^z shows all', '문제 없음, ^z로 전체 보기'),
};

/** Moves the window so that the cursor is in it and no row is missing at the end. */
function windowTop(
  memory: TableMemory,
  place: CursorPlace,
  { length, height }: { length: number; height: number },
): number {
  let top = memory.top;
  if (place.state === 'at') {
    if (place.index < top) top = place.index;
    if (place.index >= top + height) top = place.index - height + 1;
  }
  return Math.max(0, Math.min(top, length - height));
}

export function tableFrame(
  world: World,
  { view, rowSet, memory, height }: { view: LooseView; rowSet: RowSet; memory: TableMemory; height: number },
): TableFrame {
  const { page, theme, columns, context } = world;
  const bodyHeight = Math.max(1, height - 2);
  const place = cursorPlace(page, rowSet.indexOf, rowSet.rows[0]?.ref);
  memory.top = windowTop(memory, place, { length: rowSet.rows.length, height: bodyHeight });
  const visible = rowSet.rows.slice(memory.top, memory.top + bodyHeight).map((row) => rowFor(view, row));
  const sort = sortOf(view, page);
  if (memory.isWide !== page.isWide) memory.widest.clear();
  memory.isWide = page.isWide;
  const layout = layoutColumns({
    columns: view.columns,
    isWide: page.isWide,
    available: Math.max(1, columns - GUTTER - 1),
    widest: (column) => widen(memory, column, { rows: visible, world }),
    isUniform: (column) => isUniform(memory, column, { rows: visible, world }),
    sorted: sort.column,
    selected: page.column,
    from: memory.from,
  });
  const { placed } = layout;
  memory.from = (layout.window?.from ?? 2) - 1;
  const lines = [
    titleLine(theme, {
      title: say(world.settings, view.title),
      facts: titleFacts(world, { view, rowSet, layout }),
      columns,
    }),
    paintHeadings(theme, { placed, sort, selected: page.column, width: columns }),
    ...visible.map((row, index) => {
      const ref = rowSet.rows[memory.top + index]?.ref;
      const look = {
        isCursor: place.state === 'at' && isSameRef(place.ref, ref),
        isMarked: ref !== undefined && page.marks.has(refKey(ref)),
        isOutdated: view.isOutdated?.(row, context) === true,
      };
      return paintRow(theme, row, { placed, context, look, width: columns });
    }),
  ];
  if (visible.length === 0)
    for (const words of emptyWords(world, view, rowSet))
      lines.push(theme.paint('muted', fit(`   ${words}`, columns)));
  const refs = rowSet.rows.slice(memory.top, memory.top + bodyHeight).map(({ ref }) => ref);
  const roomBelow = place.state === 'at' ? bodyHeight - 1 - (place.index - memory.top) : 0;
  return { lines, shown: layout.reachable, place, refs, height: bodyHeight, roomBelow };
}

function emptyWords({ page, settings, context }: World, view: LooseView, rowSet: RowSet): readonly string[] {
  if (rowSet.total > 0) {
    if (page.filter !== '') return [say(settings, EMPTY.filtered)];
    return [say(settings, page.isFaultsOnly ? EMPTY.faults : EMPTY.narrowed)];
  }
  const [first] = context.related.all('context');
  if (first === undefined) return firstSteps(settings.language);
  const scope = page.content.kind === 'table' ? page.content.scope : undefined;
  return [say(settings, view.whenEmpty?.(scope, context) ?? EMPTY.none)];
}

/** No cell is worth more. */
const CELL_MAX = 200;

/** The widest cell of a column among the rows shown so far; it only grows, so that columns do not tremble. */
function widen(
  memory: TableMemory,
  column: Column<never>,
  { rows, world }: { rows: readonly never[]; world: World },
): number {
  let widest = memory.widest.get(column.id) ?? 0;
  const limit =
    column.align === 'right' && column.width !== 'grow' ? widthLimit(column.width, 'right') : CELL_MAX;
  if (widest < limit) {
    for (const row of rows)
      widest = Math.max(
        widest,
        Math.min(limit, displayWidth(truncate(cellText(column, row, world.context), limit))),
      );
    memory.widest.set(column.id, widest);
  }
  return widest;
}

/** Whether all cells shown so far were the same; once they were not, that stands. */
function isUniform(
  { uniform }: TableMemory,
  column: Column<never>,
  { rows, world }: { rows: readonly never[]; world: World },
): boolean {
  if (uniform.has(column.id) && uniform.get(column.id) === undefined) return false;
  for (const row of rows) {
    const words = cellText(column, row, world.context);
    const known = uniform.get(column.id);
    uniform.set(column.id, known === undefined || known === words ? words : undefined);
    if (known !== undefined && known !== words) return false;
  }
  return true;
}

function titleFacts(
  world: World,
  { view, rowSet, layout }: { view: LooseView; rowSet: RowSet; layout: Layout },
): readonly Part[] {
  const { page, settings } = world;
  const sort = sortOf(view, page);
  const sorted = view.columns.find(({ id }) => id === sort.column);
  const { narrowing } = page;
  const marked = page.marks.size === 0 ? 0 : countMarked(page.marks, rowSet);
  const facts: (Part | undefined)[] = [
    part(
      say(
        settings,
        text(`${rowSet.rows.length} of ${rowSet.total}`, `${rowSet.total}개 중 ${rowSet.rows.length}개`),
      ),
    ),
    ...tallyParts(view, rowSet),
    page.isFaultsOnly ? part(say(settings, text('faults only', '문제만')), 'warn') : undefined,
    page.filter === ''
      ? undefined
      : rowSet.filterError === undefined
        ? part(`/${page.filter}`, 'accent')
        : part(`✖ /${page.filter} ${say(settings, text('not applied', '적용 안 됨'))}`, 'bad'),
    narrowing.contexts.length === 0 ? undefined : part(`@${narrowing.contexts.join(',')}`, 'accent'),
    narrowing.namespaces.length === 0 ? undefined : part(`-n ${narrowing.namespaces.join(',')}`, 'accent'),
    Object.keys(narrowing.labels).length === 0
      ? undefined
      : part(
          Object.entries(narrowing.labels)
            .map(([name, value]) => `${name}=${value}`)
            .join(' '),
          'accent',
        ),
    sorted === undefined ? undefined : part(`${sorted.title} ${sort.isDescending ? '↓' : '↑'}`, 'muted'),
    page.marks.size === 0
      ? undefined
      : part(
          say(
            settings,
            marked === page.marks.size
              ? text(`${marked} marked`, `${marked}개 표시`)
              : text(
                  `${marked} marked, ${page.marks.size - marked} not shown`,
                  `${marked}개 표시, ${page.marks.size - marked}개 안 보임`,
                ),
          ),
          'accent',
        ),
    windowPart(world, layout),
    // The findings themselves are counted above, one by one.
    view.kind === 'finding' ? undefined : findingsPart(world),
  ];
  return facts.filter((fact) => fact !== undefined);
}

/** `columns 5–14 of 24 →`: which are shown, and where shift-arrows find more. */
function windowPart({ settings }: World, { window }: Layout): Part | undefined {
  if (window === undefined) return undefined;
  const from = window.from === 2 ? 1 : window.from;
  const words = text(
    `columns ${from}–${window.to} of ${window.of}`,
    `열 ${window.of}개 중 ${from}–${window.to}`,
  );
  const left = from > 1 ? '← ' : '';
  const right = window.to < window.of ? ' →' : '';
  return part(`${left}${say(settings, words)}${right}`, 'accent');
}

const tallies = new WeakMap<RowSet, ReadonlyMap<HealthLevel, number>>();
/** How many of the rows shown are how bad; counted once a data frame. */
function tallyOf(view: LooseView, rowSet: RowSet): ReadonlyMap<HealthLevel, number> {
  const { tally } = view;
  const known = tallies.get(rowSet);
  if (known !== undefined) return known;
  const counts = new Map<HealthLevel, number>();
  for (const row of tally === undefined ? [] : rowSet.rows) {
    const level = tally?.levelOf(rowFor(view, row));
    if (level !== undefined) counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  tallies.set(rowSet, counts);
  return counts;
}

/** `2 ✖ 7 ▲`: nothing where all is well. */
function tallyParts(view: LooseView, rowSet: RowSet): readonly Part[] {
  const counts = tallyOf(view, rowSet);
  const words = (view.tally?.levels ?? []).flatMap((level) => {
    const count = counts.get(level) ?? 0;
    return count === 0 ? [] : [{ words: `${count} ${HEALTH_SIGNS[level]}`, tone: HEALTH_TONES[level] }];
  });
  const [worst] = words;
  return worst === undefined ? [] : [part(words.map((one) => one.words).join(' '), worst.tone)];
}

function countMarked(marks: ReadonlyMap<string, unknown>, rowSet: RowSet): number {
  let count = 0;
  for (const ref of rowSet.refs) if (marks.has(refKey(ref))) count++;
  return count;
}

function findingsPart({ context, settings }: World): Part | undefined {
  let count = 0;
  for (const { level, acknowledged } of context.related.all('finding'))
    if (acknowledged === undefined && (level === 'warn' || level === 'error')) count++;
  return count === 0
    ? undefined
    : part(
        say(
          settings,
          count === 1 ? text('1 finding', '발견 1건') : text(`${count} findings`, `발견 ${count}건`),
        ),
        'warn',
      );
}
