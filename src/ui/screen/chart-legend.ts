import { text } from '../../domain/text.ts';
import type { Chart, ChartSeries } from '../../views/chart.ts';
import { say } from '../../views/words.ts';
import { areaLineSign, areaSign } from '../kit/chart-area.ts';
import { lineSign } from '../kit/chart-lines.ts';
import type { ChartWindow } from '../kit/chart-window.ts';
import { type Part, part, partsWidth } from '../kit/styled-line.ts';
import { truncateMiddle } from '../kit/width.ts';
import { areaInk, chartValue, roleOfInk } from './chart-inks.ts';
import type { World } from './world.ts';

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
/** A name cut shorter says nothing; where it stands above in full its letter is enough. */
const NAMED_ABOVE_CELLS = [Number.POSITIVE_INFINITY, 32, 24, 20, 16, 0];
const GONE = text('gone', '사라짐');

/** Title, then sign, name and newest value of every series; what does not fit goes on below. */
export function legendLines(world: World, options: LegendOptions): readonly (readonly Part[])[] {
  let lines: readonly (readonly Part[])[] = [];
  for (const cells of options.chart.isNamedAbove === true ? NAMED_ABOVE_CELLS : LABEL_CELLS) {
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
      ...(series.label === '' || labelCells === 0
        ? []
        : [part(`${truncateMiddle(series.label, labelCells)} `, 'muted')]),
      part(value, isOld ? 'warn' : 'normal'),
      ...(series.isGone === true ? [part(` ${say(settings, GONE)}`, 'warn')] : []),
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
