import type { Chart, ChartMark, ChartSeries, ChartUnit } from '../../views/chart.ts';
import { formatBytes, formatMs, formatNumber, formatPercent } from '../../views/format-number.ts';
import { say } from '../../views/words.ts';
import { AREA_INKS, type AreaLine, areaLineSign, areaSign, drawArea } from '../kit/chart-area.ts';
import { paintCanvas } from '../kit/chart-canvas.ts';
import { columnsOf, highestOf, roundTop } from '../kit/chart-columns.ts';
import { DOT_COLUMNS, drawLines, endRowOf, lineSign } from '../kit/chart-lines.ts';
import { type ChartWindow, cellOf } from '../kit/chart-window.ts';
import { type Part, paintParts, part, partsWidth } from '../kit/styled-line.ts';
import { LINE_ROLES, type Role, type Theme } from '../kit/theme.ts';
import { fit, truncateMiddle } from '../kit/width.ts';
import type { World } from './world.ts';

/** Cells of the scale at the left of a chart, and of the letters at its right. */
export const SCALE_CELLS = 9;
export const GUTTER_CELLS = 3;

const UNIT_TEXT: Readonly<Record<ChartUnit, (value: number) => string>> = {
  bytes: formatBytes,
  percent: (value) => formatPercent(value, value < 10 && !Number.isInteger(value) ? 1 : 0),
  count: formatNumber,
  rate: (value) => `${formatNumber(value)}/s`,
  ms: formatMs,
};
const chartValue = (unit: ChartUnit, value: number): string => UNIT_TEXT[unit](value);

const AREA_ROLES: readonly Role[] = ['good', 'accent', 'muted'];
/** Ink of a series of an area chart. */
const areaInk = (series: ChartSeries, index: number): number =>
  index === 0 ? AREA_INKS.area : series.isLimit === true ? AREA_INKS.limit : AREA_INKS.level;
export const roleOfLine = (line: number): Role => LINE_ROLES[line % LINE_ROLES.length] ?? 'normal';

/** A chart as lines, those of the plot painted and all as wide; or what is said of it where nothing is drawn. */
export type ChartBlock =
  | { readonly kind: 'plot'; readonly legend: readonly (readonly Part[])[]; readonly plot: readonly string[] }
  | { readonly kind: 'zero' | 'silent'; readonly title: string };

export interface BlockOptions {
  readonly window: ChartWindow;
  /** Cells of the whole block, scale and letters included. */
  readonly width: number;
  /** Lines of the plot alone. */
  readonly rows: number;
  /** The line under the plot. */
  readonly axis: string;
}

export function chartBlock(world: World, chart: Chart, options: BlockOptions): ChartBlock {
  const { theme, settings } = world;
  const { window, rows, axis } = options;
  const isUnicode = settings.isUnicode !== false;
  const title = say(settings, chart.title);
  const dots = chart.form === 'lines' && isUnicode ? DOT_COLUMNS : 1;
  const values = chart.series.map(({ points, silenceMs }) =>
    columnsOf(points, window.cells * dots, { ...window, silenceMs }),
  );
  const highest = highestOf(values.map(highestOf));
  if (highest === undefined) return { kind: 'silent', title };
  if (highest <= 0) return { kind: 'zero', title };
  const top = topOf(chart, highest);
  const roleOf = roleOfInk(chart);
  const canvas =
    chart.form === 'area'
      ? drawArea({ values: values[0] ?? [], lines: areaLines(chart, values), top, rows, isUnicode })
      : drawLines({
          series: values,
          top,
          rows,
          cells: window.cells,
          isUnicode,
          ...(settings.isColor || values.length === 1
            ? {}
            : { signsFrom: Math.round(window.fromAt / window.cellMs) }),
        });
  const ends = chart.form === 'area' ? [] : endSigns(chart, values, { top, rows, isUnicode });
  const scale = (words: string): string =>
    theme.paint('muted', `${fit(words, SCALE_CELLS, { align: 'right' })} `);
  const scaleOf = (row: number): string => {
    if (row === 0) return chartValue(chart.unit, top);
    return row === Math.floor(rows / 2) ? chartValue(chart.unit, (top * (rows - row)) / rows) : '';
  };
  const plot = paintCanvas(canvas, (ink, words) => theme.paint(roleOf(ink), words)).map(
    (line, row) => scale(scaleOf(row)) + line + gutter(theme, ends[row] ?? []),
  );
  const blank = gutter(theme, []);
  const marks = chart.marks === undefined ? [] : [scale('GC') + markLine(world, chart.marks, window) + blank];
  const legend = legendLines(world, { chart, window, width: options.width });
  return { kind: 'plot', legend, plot: [...plot, ...marks, scale(chartValue(chart.unit, 0)) + axis + blank] };
}

/** Least upper ends: what has no halves goes up to two, and a share below a percent is not drawn as a flood. */
const LEAST_TOPS: Partial<Record<ChartUnit, number>> = { count: 2, percent: 1 };

/** The limit where there is one and it holds, else a round figure. */
function topOf({ max, unit }: Chart, highest: number): number {
  if (max !== undefined && max > 0) return Math.max(max, highest);
  return roundTop(Math.max(LEAST_TOPS[unit] ?? 0, highest), unit === 'bytes');
}

const areaLines = (
  { series }: Chart,
  values: readonly (readonly (number | undefined)[])[],
): readonly AreaLine[] =>
  values.slice(1).map((line, index) => ({ values: line, isLimit: series[index + 1]?.isLimit === true }));

const gutter = (theme: Theme, parts: readonly Part[]): string =>
  paintParts(theme, parts, GUTTER_CELLS) + ' '.repeat(GUTTER_CELLS - partsWidth(parts));

const roleOfInk =
  ({ form }: Chart) =>
  (ink: number): Role =>
    form === 'area' ? (AREA_ROLES[ink] ?? 'muted') : roleOfLine(ink);

/** Letters at the right end of the rows in which lines end; those that went silent before have none. */
function endSigns(
  { series }: Chart,
  values: readonly (readonly (number | undefined)[])[],
  scale: { readonly top: number; readonly rows: number; readonly isUnicode: boolean },
): readonly (readonly Part[])[] {
  const rows: Part[][] = Array.from({ length: scale.rows }, () => []);
  if (series.length < 2) return rows;
  values.forEach((line, index) => {
    const newest = line.at(-1);
    if (newest === undefined) return;
    rows[endRowOf(newest, scale)]?.push(part(lineSign(index), roleOfLine(index)));
  });
  return rows.map((parts) =>
    parts.length <= GUTTER_CELLS ? parts : [...parts.slice(0, GUTTER_CELLS - 1), part('+', 'muted')],
  );
}

/** Where collections were: a tick each, a full one over any other. */
function markLine({ theme, settings }: World, marks: readonly ChartMark[], window: ChartWindow): string {
  const isUnicode = settings.isUnicode !== false;
  const cells = new Array<ChartMark['kind'] | undefined>(window.cells).fill(undefined);
  for (const { at, kind } of marks) {
    const cell = cellOf(window, at);
    if (cell !== undefined && cells[cell] !== 'fullCollection') cells[cell] = kind;
  }
  let line = '';
  for (let from = 0; from < cells.length; ) {
    const kind = cells[from];
    let to = from;
    while (to < cells.length && cells[to] === kind) to++;
    const sign =
      kind === undefined ? ' ' : kind === 'collection' ? (isUnicode ? '╵' : "'") : isUnicode ? '▼' : 'F';
    const words = sign.repeat(to - from);
    line += kind === undefined ? words : theme.paint(kind === 'collection' ? 'muted' : 'bad', words);
    from = to;
  }
  return line;
}

/** The newest point that the window reaches to. */
const newestIn = ({ points }: ChartSeries, { toAt }: { readonly toAt: number }) =>
  points.findLast(({ at }) => at < toAt);

interface LegendOptions {
  readonly chart: Chart;
  readonly window: ChartWindow;
  readonly width: number;
}

/** Lines a legend may take before its names are cut in their middle, and how short they get. */
const LEGEND_LINES = 2;
const LABEL_CELLS = [Number.POSITIVE_INFINITY, 32, 24, 20, 16, 12, 9];

/** Title, then sign, name and newest value of every series; what does not fit goes on below. */
function legendLines(world: World, options: LegendOptions): readonly (readonly Part[])[] {
  let lines: readonly (readonly Part[])[] = [];
  for (const cells of LABEL_CELLS) {
    lines = legendOf(world, options, cells);
    if (lines.length <= LEGEND_LINES) break;
  }
  return lines;
}

function legendOf(
  { settings, context }: World,
  { chart, window, width }: LegendOptions,
  labelCells: number,
): readonly (readonly Part[])[] {
  const isUnicode = settings.isUnicode !== false;
  const endAt = Math.min(window.toAt, context.now);
  const lines: Part[][] = [[part(say(settings, chart.title), 'heading')]];
  chart.series.forEach((series, index) => {
    const newest = newestIn(series, window);
    const isOld = newest !== undefined && endAt - newest.at > series.silenceMs;
    const sign = signOf(chart, index, isUnicode);
    const ink = chart.form === 'area' ? areaInk(series, index) : index;
    const value = newest === undefined ? '–' : `${isOld ? '~' : ''}${chartValue(chart.unit, newest.value)}`;
    const entry = [
      ...(sign === '' ? [] : [part(`${sign} `, roleOfInk(chart)(ink))]),
      ...(series.label === '' ? [] : [part(`${truncateMiddle(series.label, labelCells)} `, 'muted')]),
      part(value, isOld ? 'warn' : 'normal'),
    ];
    const last = lines.at(-1) ?? [];
    if (partsWidth(last) + 2 + partsWidth(entry) > width) lines.push([part('  '), ...entry]);
    else last.push(part('  '), ...entry);
  });
  return lines;
}

/** What tells a series apart without colour; a single line needs nothing. */
function signOf({ form, series }: Chart, index: number, isUnicode: boolean): string {
  if (form === 'lines') return series.length > 1 ? lineSign(index) : '';
  return index === 0 ? areaSign(isUnicode) : areaLineSign(series[index]?.isLimit === true, isUnicode);
}
