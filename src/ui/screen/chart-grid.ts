import { text } from '../../domain/text.ts';
import type { Chart } from '../../views/chart.ts';
import { formatInstant } from '../../views/format-time.ts';
import { say } from '../../views/words.ts';
import { type ChartWindow, chartWindow, fittingSpanMs, formatSpan, timeAxis } from '../kit/chart-window.ts';
import { type Part, paintParts, partsWidth } from '../kit/styled-line.ts';
import { displayWidth, wrap } from '../kit/width.ts';
import { type ChartBlock, chartBlock, GUTTER_CELLS, SCALE_CELLS } from './chart-block.ts';
import type { World } from './world.ts';

const INDENT = 2;
const GAP = 2;
/** From here on two charts stand side by side. */
const PAIR_COLUMNS = 110;
const LEAST_CELLS = 12;
/** Lines of a plot by those of the terminal; even, so that the middle of the scale is a row's edge. */
const PLOT_ROWS = [
  { from: 48, rows: 8 },
  { from: 34, rows: 6 },
];
const LEAST_ROWS = 4;

/** How charts share a page. */
export interface ChartLayout {
  readonly perRow: 1 | 2;
  /** Cells of one chart with its scale. */
  readonly width: number;
  /** Cells of the plot alone: every chart of a page has as many, so that they share their time axis. */
  readonly cells: number;
  /** Lines of a plot. */
  readonly rows: number;
}

export function chartLayout({ columns, rows }: Pick<World, 'columns' | 'rows'>): ChartLayout {
  const perRow = columns >= PAIR_COLUMNS ? 2 : 1;
  const width = Math.floor((columns - INDENT - GAP * (perRow - 1)) / perRow);
  const height = PLOT_ROWS.find(({ from }) => rows >= from)?.rows ?? LEAST_ROWS;
  return { perRow, width, cells: width - SCALE_CELLS - 1 - GUTTER_CELLS, rows: height };
}

/** The stretch of time charts show, and whether it stands still. */
export interface ChartView {
  readonly layout: ChartLayout;
  readonly window: ChartWindow;
  /** The axis then tells instants in place of ages. */
  readonly isPaused: boolean;
}

/** The view of charts outside a page of charts: the last minutes, ten at most. */
export function recentView(world: World, charts: readonly Chart[]): ChartView {
  const layout = chartLayout(world);
  const { now } = world.context;
  const first = Math.min(
    now,
    ...charts.flatMap(({ series }) => series.map(({ points }) => points[0]?.at ?? now)),
  );
  const window = chartWindow({ endAt: now, spanMs: fittingSpanMs(now - first), cells: layout.cells });
  return { layout, window, isPaused: false };
}

/** `14:02:11`, in UTC with a `Z`. */
export const timeOfDay = (at: number, isUtc: boolean): string => formatInstant(at, isUtc).slice(11);

function axisOf(world: World, { window, isPaused }: ChartView): string {
  const { theme, settings, context } = world;
  const { fromAt, toAt, cells } = window;
  const clock = (at: number) => timeOfDay(at, context.isUtc);
  const labels = isPaused
    ? ([clock(fromAt), clock((fromAt + toAt) / 2), clock(toAt)] as const)
    : ([
        `-${formatSpan(toAt - fromAt)}`,
        `-${formatSpan((toAt - fromAt) / 2)}`,
        say(settings, text('now', '지금')),
      ] as const);
  const rule = settings.isUnicode === false ? '-' : '─';
  return theme.paint('muted', timeAxis({ cells, labels, widthOf: displayWidth, rule }));
}

/** Charts under each other, or two side by side; those with nothing to draw are told in a line below. */
export function chartLines(world: World, charts: readonly Chart[], view: ChartView): string[] {
  const { layout, window } = view;
  if (layout.cells < LEAST_CELLS) return [];
  const options = { window, width: layout.width, rows: layout.rows, axis: axisOf(world, view) };
  const blocks = charts.map((chart) => chartBlock(world, chart, options));
  const plots = blocks.filter((block) => block.kind === 'plot');
  const lines: string[] = [];
  for (let index = 0; index < plots.length; index += layout.perRow) {
    lines.push(...sideBySide(world, plots.slice(index, index + layout.perRow), layout));
  }
  return [...lines, ...toldLines(world, blocks)];
}

type Plot = Extract<ChartBlock, { readonly kind: 'plot' }>;

function sideBySide({ theme }: World, row: readonly Plot[], { width }: ChartLayout): string[] {
  const legendRows = Math.max(...row.map(({ legend }) => legend.length));
  const plotRows = Math.max(...row.map(({ plot }) => plot.length));
  const join = (cells: readonly string[]) => ' '.repeat(INDENT) + cells.join(' '.repeat(GAP));
  const padded = (parts: readonly Part[]): string =>
    paintParts(theme, parts, width) + ' '.repeat(Math.max(0, width - partsWidth(parts)));
  const blank = ' '.repeat(width);
  return [
    ...Array.from({ length: legendRows }, (_, line) =>
      join(row.map(({ legend }) => padded(legend[line] ?? []))),
    ),
    ...Array.from({ length: plotRows }, (_, line) => join(row.map(({ plot }) => plot[line] ?? blank))),
  ];
}

const TOLD = {
  zero: text('Zero in this window', '이 구간에서 0'),
  zeroAsKnown: text(
    'Zero as far as known, which is less than this window',
    '알려진 동안 0 (이 구간보다 짧음)',
  ),
  silent: text('Not heard in this window', '이 구간에 수신 없음'),
} as const;

function toldLines({ theme, settings, columns }: World, blocks: readonly ChartBlock[]): string[] {
  return (['zero', 'zeroAsKnown', 'silent'] as const).flatMap((kind) => {
    const titles = blocks.flatMap((block) => (block.kind === kind ? [block.title] : []));
    if (titles.length === 0) return [];
    const words = `${say(settings, TOLD[kind])}: ${titles.join(', ')}`;
    return wrap(words, columns - 2 * INDENT).map((piece) => ' '.repeat(INDENT) + theme.paint('muted', piece));
  });
}
