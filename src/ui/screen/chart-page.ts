import { text } from '../../domain/text.ts';
import { rowFor } from '../../views/any-view.ts';
import type { ChartSubject } from '../../views/chart.ts';
import type { DetailSection, LooseView, ViewContext } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import { type ChartsOn, chartsOn } from '../chart-pages.ts';
import { chartWindow, fittingSpanMs, formatSpan } from '../kit/chart-window.ts';
import { type Part, part } from '../kit/styled-line.ts';
import { type ChartView, chartLayout, timeOfDay } from './chart-grid.ts';
import { type ChartMemory, createChartMemory, rememberedRow, rememberingRelated } from './chart-memory.ts';
import { detailLines } from './detail-lines.ts';
import type { ScrolledBody } from './page-body.ts';
import type { Screen } from './screen.ts';
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

/** The span chosen, else the shortest that holds what is known. */
function spanOf(stage: ChartStage, subjects: readonly ChartSubject<never>[], context: ViewContext): number {
  const { page } = stage.world;
  const since = stage.charts.page.knownSince(subjects, context);
  return page.spanMs ?? fittingSpanMs(since === undefined ? 0 : context.now - since);
}

/** The span of the page of charts that is shown, ms. */
export function shownSpanMs(screen: Screen): number {
  const world = screen.world();
  const view = screen.view();
  const charts = view === undefined ? undefined : chartsOn(view, world.page.content);
  if (view === undefined || charts === undefined) return world.page.spanMs ?? fittingSpanMs(0);
  const stage = { world, view, charts, memory: createChartMemory() };
  return spanOf(stage, subjectsOf(stage), world.context);
}

/** What a page of charts shows: its rows, the stretch of time, and its sections once they are asked for. */
export interface ChartPageShown {
  readonly subjects: readonly ChartSubject<never>[];
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
  const window = chartWindow({
    endAt: pausedAt ?? context.now,
    spanMs: spanOf(stage, subjects, context),
    cells: layout.cells,
  });
  const [first] = subjects;
  const below = (row: never): readonly DetailSection[] =>
    (view.detail?.(row, context) ?? [])
      .filter(({ part: own }) => own === charts.page.part)
      // Its charts stand above already.
      .map(({ charts: _, ...section }) => section);
  return {
    subjects,
    view: { layout, window, isPaused: pausedAt !== undefined },
    sections: () => [
      ...(first === undefined ? [] : charts.page.sections(subjects, context, window)),
      ...(first === undefined || charts.refs.length > 1 ? [] : below(first.row)),
    ],
  };
}

/** `live · 10m` or `paused at 14:02:11 · 10m`. */
function windowFacts({ settings, context, page }: World, { window }: ChartView): readonly Part[] {
  const span = part(formatSpan(window.toAt - window.fromAt), 'muted');
  if (page.pausedAt === undefined) return [part(say(settings, text('live', '실시간')), 'good'), span];
  const at = timeOfDay(page.pausedAt, context.isUtc);
  return [part(say(settings, text(`paused at ${at}`, `${at}에서 멈춤`)), 'warn'), span];
}

function titleOf({ world: { settings }, charts }: ChartStage, subjects: ChartPageShown['subjects']): string {
  const title = `${say(settings, charts.page.title)}: ${charts.names.join(', ')}`;
  const gone = subjects.filter(({ isGone }) => isGone).length;
  if (gone === 0) return title;
  const words =
    charts.refs.length === 1
      ? text('gone; last known state', '사라짐, 마지막 상태')
      : text(`${gone} gone`, `${gone}개 사라짐`);
  return `${title} — ${say(settings, words)}`;
}

/** The page of charts as lines to scroll. */
export function chartBody(stage: ChartStage, dataVersion: number): ScrolledBody {
  const { world } = stage;
  const { page, settings } = world;
  const shown = chartPage(stage);
  return {
    title: titleOf(stage, shown.subjects),
    facts: windowFacts(world, shown.view),
    key: [dataVersion, world.rows, page.spanMs, page.pausedAt, world.shell.isUtc],
    lines: () =>
      shown.subjects.length === 0
        ? [`  ${say(settings, text('Nothing is known of it any more', '더 이상 알려진 것이 없음'))}`]
        : detailLines(world, shown.sections(), shown.view),
  };
}
