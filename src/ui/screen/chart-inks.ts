import type { Chart, ChartSeries, ChartUnit } from '../../views/chart.ts';
import { formatBytes, formatMs, formatNumber, formatPercent } from '../../views/format-number.ts';
import { AREA_INKS } from '../kit/chart-area.ts';
import { LINE_ROLES, type Role } from '../kit/theme.ts';

const UNIT_TEXT: Readonly<Record<ChartUnit, (value: number) => string>> = {
  bytes: formatBytes,
  percent: (value) => formatPercent(value, value < 10 && !Number.isInteger(value) ? 1 : 0),
  count: formatNumber,
  rate: (value) => `${formatNumber(value)}/s`,
  ms: formatMs,
};
/** A value as scales and legends write it. */
export const chartValue = (unit: ChartUnit, value: number): string => UNIT_TEXT[unit](value);

/** By the numbers of `AREA_INKS`. */
const AREA_ROLES: readonly Role[] = ['good', 'accent', 'muted', 'warn', 'bad'];

/** Ink of a series of an area chart. */
export const areaInk = (series: ChartSeries, index: number): number =>
  index === 0 ? AREA_INKS.area : series.isLimit === true ? AREA_INKS.limit : AREA_INKS.level;
/** Colour of a line by its place in the chart. */
export const roleOfLine = (line: number): Role => LINE_ROLES[line % LINE_ROLES.length] ?? 'normal';

/** Colour of an ink of a chart. */
export const roleOfInk =
  ({ form }: Chart) =>
  (ink: number): Role =>
    form === 'area' ? (AREA_ROLES[ink] ?? 'muted') : roleOfLine(ink);
