import { text } from '../../domain/text.ts';
import { rowFor } from '../../views/any-view.ts';
import type { ChartSubject } from '../../views/chart.ts';
import type { DetailGrid, DetailSection, LooseView, ViewContext } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import type { ChartsOn } from '../chart-pages.ts';
import { chartWindow, fittingSpanMs, formatSpan } from '../kit/chart-window.ts';
import { type Part, part } from '../kit/styled-line.ts';
import { displayWidth, truncateMiddle } from '../kit/width.ts';
import { type ChartView, chartLayout, timeOfDay } from './chart-grid.ts';
import { type ChartMemory, heldStill, rememberedRow, rememberingRelated } from './chart-memory.ts';
import { detailLines } from './detail-lines.ts';
import { GONE_WORDS, NOTHING_KNOWN } from './gone-words.ts';
import type { ScrolledBody } from './scrolled-body.ts';
import type { World } from './world.ts';

export interface ChartStage {
  readonly world: World;
  readonly view: LooseView;
  readonly charts: ChartsOn;
  readonly memory: ChartMemory;
}

const subjectsOf = ({ world, view, charts, memory }: ChartStage): readonly ChartSubject<never>[] =>
  charts.refs.flatMap((ref, index): ChartSubject<never>[] => {
    const { related } = world.context;
    const row = rememberedRow(related, memory, ref);
    if (row === undefined) return [];
    const isGone = related.get(ref) === undefined;
    return [{ ref, name: charts.names[index] ?? ref.id, row: rowFor(view, row), isGone }];
  });

const remembering = ({ world: { context }, memory }: ChartStage): ViewContext => ({
  ...context,
  related: rememberingRelated(context.related, memory),
});

/** What a page of charts shows: its rows, the stretch of time, and its sections once they are asked for. */
export interface ChartPageShown {
  readonly subjects: readonly ChartSubject<never>[];
  /** Names the page. */
  readonly part: string;
  /** Length of the window, ms; its last cell may reach a little beyond. */
  readonly spanMs: number;
  /** Oldest instant something is known of, epoch ms. */
  readonly since: number | undefined;
  readonly view: ChartView;
  /** Charts first, then what else the detail page tells of that part where the page is of one row. */
  readonly sections: () => readonly DetailSection[];
}

export function chartPage(stage: ChartStage): ChartPageShown {
  const { world, view, charts } = stage;
  const subjects = subjectsOf(stage);
  const context = remembering(stage);
  const { pausedAt } = world.page;
  const layout = chartLayout(world);
  const since = charts.page.knownSince(subjects, context);
  // The span chosen, else the shortest that holds what is known.
  const spanMs = world.page.spanMs ?? fittingSpanMs(since === undefined ? 0 : context.now - since);
  // A window that stands still ends where it was put; one that follows holds what came at this very instant.
  const endAt = pausedAt === undefined ? context.now : pausedAt - 1;
  const window = chartWindow({ endAt, spanMs, cells: layout.cells });
  const [first] = subjects;
  const below = (row: never): readonly DetailSection[] =>
    (view.detail?.(row, context) ?? [])
      .filter(({ part: own }) => own === charts.page.part)
      // Its charts stand above already, and a page that is drawn with every datagram has no time for ruled tables.
      .map(({ charts: _, table, title, ...section }) => ({
        ...section,
        title: pausedAt === undefined ? title : text(`${title.en}, now`, `${title.ko}, 현재`),
        ...(table === undefined ? {} : { grid: gridOf(table) }),
      }));
  const above = (): readonly DetailSection[] => {
    const made = charts.page.sections(subjects, context, { ...window, isPaused: pausedAt !== undefined });
    return pausedAt === undefined
      ? made
      : heldStill(stage.memory, `${pausedAt} ${spanMs} ${layout.cells}`, made);
  };
  return {
    subjects,
    part: charts.page.part,
    spanMs,
    since,
    view: { layout, window, isPaused: pausedAt !== undefined },
    sections: () => [
      ...(first === undefined ? [] : above()),
      ...(first === undefined || charts.refs.length > 1 ? [] : below(first.row)),
    ],
  };
}

const gridOf = ({ columns, rows }: NonNullable<DetailSection['table']>): DetailGrid => ({
  columns: columns.map((title, index) => (index === 0 ? { title } : { title, align: 'right' })),
  rows: rows.map((cells) => ({ cells })),
});

/** `live · 10m` or `paused at 14:02:11 · 10m`; where none of its rows is heard, nothing is live. */
function windowFacts(
  { world: { settings, context }, charts }: ChartStage,
  { view: { window, isPaused }, subjects }: ChartPageShown,
): readonly Part[] {
  const span = part(formatSpan(window.toAt - window.fromAt), 'muted');
  const isSilent = subjects.every(({ row, isGone }) => isGone || charts.page.isSilent(row, context));
  if (!isPaused && isSilent) return [part(say(settings, text('nothing heard', '수신 없음')), 'warn'), span];
  if (!isPaused) return [part(say(settings, text('live', '실시간')), 'good'), span];
  const at = timeOfDay(window.toAt, context.isUtc);
  return [part(say(settings, text(`paused at ${at}`, `${at}에서 멈춤`)), 'warn'), span];
}

/** Cells of the facts at the title's right: they tell whether what is shown is now, and must not go first. */
const FACTS_CELLS = 40;

function titleOf(
  { world: { settings, columns }, charts }: ChartStage,
  subjects: ChartPageShown['subjects'],
): string {
  const room = Math.max(12, columns - FACTS_CELLS);
  const { names } = charts;
  const all = names.join(', ');
  const short = text(`${names.length} compared`, `${names.length}개 비교`);
  const name =
    names.length > 1 && displayWidth(all) > room ? say(settings, short) : truncateMiddle(all, room);
  const title = `${say(settings, charts.page.title)}: ${name}`;
  const gone = subjects.filter(({ isGone }) => isGone).length;
  if (gone === 0) return title;
  const words = charts.refs.length === 1 ? GONE_WORDS : text(`${gone} gone`, `${gone}개 사라짐`);
  return `${title} — ${say(settings, words)}`;
}

/** The page of charts as lines to scroll. */
export function chartBody(stage: ChartStage, dataVersion: number): ScrolledBody {
  const { world } = stage;
  const { page, settings } = world;
  const shown = chartPage(stage);
  return {
    title: titleOf(stage, shown.subjects),
    facts: windowFacts(stage, shown),
    key: [dataVersion, world.rows, page.spanMs, page.pausedAt, world.shell.isUtc],
    lines: () =>
      shown.subjects.length === 0
        ? [`  ${say(settings, NOTHING_KNOWN)}`]
        : detailLines(world, shown.sections(), shown.view),
  };
}
