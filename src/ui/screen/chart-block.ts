import type { Chart, ChartMark, ChartUnit } from '../../views/chart.ts';
import type { ViewContext } from '../../views/view.ts';
import { say } from '../../views/words.ts';
import { AREA_INKS, type AreaLine, drawArea } from '../kit/chart-area.ts';
import { paintCanvas } from '../kit/chart-canvas.ts';
import { columnsOf, highestOf, roundTop } from '../kit/chart-columns.ts';
import { DOT_COLUMNS, drawLines, endRowOf, lineSign } from '../kit/chart-lines.ts';
import { type ChartWindow, cellOf } from '../kit/chart-window.ts';
import { type Part, paintParts, part, partsWidth } from '../kit/styled-line.ts';
import type { Theme } from '../kit/theme.ts';
import { fit } from '../kit/width.ts';
import { chartValue, roleOfInk, roleOfLine } from './chart-inks.ts';
import { legendLines } from './chart-legend.ts';
import type { World } from './world.ts';

/** Cells of the scale at the left of a chart, and of the letters at its right. */
export const SCALE_CELLS = 9;
export const GUTTER_CELLS = 3;

/** A chart as lines, those of the plot painted and all as wide; or what is said of it where nothing is drawn. */
export type ChartBlock =
  | { readonly kind: 'plot'; readonly legend: readonly (readonly Part[])[]; readonly plot: readonly string[] }
  | { readonly kind: 'zero' | 'zeroAsKnown' | 'silent'; readonly title: string };

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
  if (highest <= 0) return { kind: isKnownThroughout(values) ? 'zero' : 'zeroAsKnown', title };
  const top = topOf(chart, highest);
  const roleOf = roleOfInk(chart);
  const canvas =
    chart.form === 'area'
      ? drawArea({
          values: values[0] ?? [],
          lines: areaLines(chart, values),
          top,
          rows,
          isUnicode,
          inkOf: levelInk(chart, world.context),
        })
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
  const marks =
    chart.marks === undefined
      ? []
      : [scale(markLabel(chart.marks, window, isUnicode)) + markLine(world, chart.marks, window) + blank];
  const legend = legendLines(world, { chart, window, width: options.width });
  return { kind: 'plot', legend, plot: [...plot, ...marks, scale(chartValue(chart.unit, 0)) + axis + blank] };
}

/** A tenth of the window may be blank at its start: samples come when they come. */
const isKnownThroughout = (values: readonly (readonly (number | undefined)[])[]): boolean =>
  values.some((line) => line.slice(0, Math.ceil(line.length / 10)).some((value) => value !== undefined));

/** Least upper ends: what has no halves goes up to two, and a share below a percent is not drawn as a flood. */
const LEAST_TOPS: Partial<Record<ChartUnit, number>> = { count: 2, percent: 1 };

/** The limit where there is one and it holds, else a round figure. */
function topOf({ max, unit }: Chart, highest: number): number {
  if (max !== undefined && max > 0) return Math.max(max, highest);
  return roundTop(Math.max(LEAST_TOPS[unit] ?? 0, highest), unit === 'bytes');
}

/** The colours of the heap's bar, for each column of its area. */
function levelInk(
  { hasLevels, max }: Chart,
  { levels }: ViewContext,
): ((value: number) => number) | undefined {
  if (hasLevels !== true || max === undefined || max <= 0) return undefined;
  return (value) => {
    if (value >= levels.high * max) return AREA_INKS.bad;
    return value >= levels.middle * max ? AREA_INKS.warn : AREA_INKS.area;
  };
}

const areaLines = (
  { series }: Chart,
  values: readonly (readonly (number | undefined)[])[],
): readonly AreaLine[] =>
  values.slice(1).map((line, index) => ({ values: line, isLimit: series[index + 1]?.isLimit === true }));

const gutter = (theme: Theme, parts: readonly Part[]): string =>
  paintParts(theme, parts, GUTTER_CELLS) + ' '.repeat(GUTTER_CELLS - partsWidth(parts));

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

const fullSign = (isUnicode: boolean): string => (isUnicode ? '▼' : 'F');

/** Says what the sign of a full collection means where there is one. */
function markLabel(marks: readonly ChartMark[], window: ChartWindow, isUnicode: boolean): string {
  const hasFull = marks.some(({ at, kind }) => kind === 'fullCollection' && cellOf(window, at) !== undefined);
  return hasFull ? `${fullSign(isUnicode)} Full GC` : 'GC';
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
    const tick = isUnicode ? '╵' : "'";
    const sign = kind === undefined ? ' ' : kind === 'collection' ? tick : fullSign(isUnicode);
    const words = sign.repeat(to - from);
    line += kind === undefined ? words : theme.paint(kind === 'collection' ? 'muted' : 'bad', words);
    from = to;
  }
  return line;
}
