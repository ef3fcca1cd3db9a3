import { isSameRef, refKey } from '../../domain/ref.ts';
import { text } from '../../domain/text.ts';
import { type CursorPlace, cursorPlace } from '../../store/shell/selection.ts';
import { cellText, rowFor } from '../../views/any-view.ts';
import type { Column, LooseView } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import { type Part, part } from '../kit/styled-line.ts';
import { layoutColumns, type PlacedColumn } from '../kit/table-layout.ts';
import { GUTTER, paintHeadings, paintRow } from '../kit/table-row.ts';
import { displayWidth, fit } from '../kit/width.ts';
import { type RowSet, sortOf } from '../rows.ts';
import { firstSteps } from './first-steps.ts';
import { titleLine } from './title-line.ts';
import type { World } from './world.ts';

/** What a table page remembers of its last frame: first row shown and how wide its cells have been. */
export interface TableMemory {
  top: number;
  readonly widest: Map<string, number>;
  /** Whether it is wide the memory was made for. */
  isWide: boolean;
}
export const createTableMemory = (): TableMemory => ({ top: 0, widest: new Map(), isWide: false });

export interface TableFrame {
  readonly lines: readonly string[];
  /** Columns shown, for selecting one. */
  readonly shown: readonly string[];
  readonly place: CursorPlace;
  /** Rows that fit. */
  readonly height: number;
}

const EMPTY = {
  none: text('Nothing here yet', '아직 없음'),
  filtered: text('Nothing matches; esc clears the filter', '일치하는 행 없음, esc로 필터 지우기'),
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
  if (memory.isWide !== page.isWide) memory.widest.clear();
  memory.isWide = page.isWide;
  const placed = layoutColumns({
    columns: view.columns,
    isWide: page.isWide,
    available: Math.max(1, columns - GUTTER - 1),
    widest: (column) => widen(memory, column, { rows: visible, world }),
    sorted: sortOf(view, page).column,
  });
  const sort = sortOf(view, page);
  const lines = [
    titleLine(theme, {
      title: say(world.settings, view.title),
      facts: titleFacts(world, { view, rowSet, placed }),
      columns,
    }),
    paintHeadings(theme, { placed, sort, selected: page.column, width: columns }),
    ...visible.map((row, index) => {
      const ref = rowSet.rows[memory.top + index]?.ref;
      const look = {
        isCursor: place.state === 'at' && isSameRef(place.ref, ref),
        isMarked: ref !== undefined && page.marks.has(refKey(ref)),
      };
      return paintRow(theme, row, { placed, context, look, width: columns });
    }),
  ];
  if (visible.length === 0)
    for (const words of emptyWords(world, rowSet))
      lines.push(theme.paint('muted', fit(`   ${words}`, columns)));
  return { lines, shown: placed.map(({ column }) => column.id), place, height: bodyHeight };
}

function emptyWords({ page, settings, context }: World, rowSet: RowSet): readonly string[] {
  if (rowSet.total > 0) {
    return [say(settings, page.isFaultsOnly && page.filter === '' ? EMPTY.faults : EMPTY.filtered)];
  }
  const [first] = context.related.all('context');
  return first === undefined ? firstSteps(settings.language) : [say(settings, EMPTY.none)];
}

/** The widest cell of a column among the rows shown so far; it only grows, so that columns do not tremble. */
function widen(
  memory: TableMemory,
  column: Column<never>,
  { rows, world }: { rows: readonly never[]; world: World },
): number {
  let widest = memory.widest.get(column.id) ?? 0;
  const limit = column.width === 'grow' ? 60 : column.width;
  if (widest < limit) {
    for (const row of rows)
      widest = Math.max(widest, Math.min(limit, displayWidth(cellText(column, row, world.context))));
    memory.widest.set(column.id, widest);
  }
  return widest;
}

function titleFacts(
  world: World,
  { view, rowSet, placed }: { view: LooseView; rowSet: RowSet; placed: readonly PlacedColumn[] },
): readonly Part[] {
  const { page, settings } = world;
  const sort = sortOf(view, page);
  const sorted = view.columns.find(({ id }) => id === sort.column);
  const { narrowing } = page;
  const marked = page.marks.size === 0 ? 0 : countMarked(page.marks, rowSet);
  const hidden = view.columns.filter((column) => page.isWide || column.wide !== true).length - placed.length;
  const facts: (Part | undefined)[] = [
    part(
      say(
        settings,
        text(`${rowSet.rows.length} of ${rowSet.total}`, `${rowSet.total}개 중 ${rowSet.rows.length}개`),
      ),
    ),
    page.isFaultsOnly ? part(say(settings, text('faults only', '문제만')), 'warn') : undefined,
    page.filter === ''
      ? undefined
      : part(`/${page.filter}`, rowSet.filterError === undefined ? 'accent' : 'bad'),
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
    hidden > 0 && page.isWide
      ? part(say(settings, text(`${hidden} columns hidden`, `열 ${hidden}개 숨김`)), 'muted')
      : undefined,
    findingsPart(world),
  ];
  return facts.filter((fact) => fact !== undefined);
}

function countMarked(marks: ReadonlyMap<string, unknown>, rowSet: RowSet): number {
  let count = 0;
  for (const ref of rowSet.refs) if (marks.has(refKey(ref))) count++;
  return count;
}

function findingsPart({ context, settings }: World): Part | undefined {
  let count = 0;
  for (const { level } of context.related.all('finding')) if (level === 'warn' || level === 'error') count++;
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
