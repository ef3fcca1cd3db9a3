import type { SeriesPoint } from '../../domain/series.ts';

const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const LEVELS_PER_CELL = 8;
const MINUTE_MS = 60_000;
/** A chart shows the shortest of these that holds what is known, so that its axis stays put. */
const SPANS_MS = [1, 2, 5, 10].map((minutes) => minutes * MINUTE_MS);
/** Intervals without a sample that a line is drawn across; more is silence and stays blank. */
const BRIDGED_INTERVALS = 3;

/** The stretch of time a chart shows; its end is now, rounded up to a whole column. */
export interface ChartWindow {
  /** Epoch ms. */
  readonly fromAt: number;
  readonly toAt: number;
  /** Samples farther apart than this have silence between them, ms. */
  readonly gapMs: number;
}

/** The window that ends now and reaches back to the first point, ten minutes at most. */
export function chartWindow({
  points,
  now,
  columns,
  intervalMs,
}: {
  readonly points: readonly SeriesPoint[];
  readonly now: number;
  readonly columns: number;
  /** Expected pause between samples. */
  readonly intervalMs: number;
}): ChartWindow {
  const known = Math.max(0, now - (points[0]?.at ?? now));
  const spanMs = SPANS_MS.find((span) => span >= known) ?? 10 * MINUTE_MS;
  const columnMs = spanMs / Math.max(1, columns);
  // Whole columns, so that a frame does not shift every value by a fraction of one.
  const toAt = Math.ceil(now / columnMs) * columnMs;
  return { fromAt: toAt - spanMs, toAt, gapMs: BRIDGED_INTERVALS * intervalMs };
}

/** The window in columns of equal time, each the highest value in it; a silence stays `undefined`. */
export function bucket(
  points: readonly SeriesPoint[],
  columns: number,
  { fromAt, toAt, gapMs }: ChartWindow,
): (number | undefined)[] {
  const values = new Array<number | undefined>(Math.max(0, columns)).fill(undefined);
  const columnMs = (toAt - fromAt) / Math.max(1, columns);
  const columnOf = (at: number): number => Math.min(columns - 1, Math.floor((at - fromAt) / columnMs));
  points.forEach(({ at, value }, index) => {
    const next = points[index + 1]?.at;
    // A sample holds until the next one; before a silence it holds only for its own column.
    const isLast = next === undefined;
    const until = isLast ? Math.min(toAt, at + gapMs) : next - at <= gapMs ? next : at;
    const [first, last] = [columnOf(at), columnOf(until)];
    for (let column = Math.max(0, first); column <= last; column++) {
      // The next sample speaks for its own column.
      if (column === last && column > first && !isLast) break;
      values[column] = Math.max(values[column] ?? Number.NEGATIVE_INFINITY, value);
    }
  });
  return values;
}

export interface ChartOptions {
  readonly points: readonly SeriesPoint[];
  readonly window: ChartWindow;
  readonly columns: number;
  readonly rows: number;
  /** Upper end of the scale; @default the highest value */
  readonly max?: number | undefined;
  /** Without it the chart is drawn in ASCII. */
  readonly isUnicode: boolean;
}

/** Area under a line, top row first; silence stays blank, and without any value in the window there is no chart. */
export function drawChart({ points, window, columns, rows, max, isUnicode }: ChartOptions): string[] {
  const values = bucket(points, columns, window);
  const highest = values.reduce<number>((high, value) => Math.max(high, value ?? 0), 0);
  const top = Math.max(max ?? 0, highest);
  if (values.every((value) => value === undefined) || top <= 0 || rows <= 0) return [];
  const perCell = isUnicode ? LEVELS_PER_CELL : 1;
  const levels = values.map((value) =>
    value === undefined ? undefined : Math.max(1, Math.round((value / top) * rows * perCell)),
  );
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * perCell;
    return levels
      .map((level) => {
        const here = Math.min(perCell, Math.max(0, (level ?? 0) - below));
        if (isUnicode) return BLOCKS[here];
        return here === 0 ? ' ' : level === below + 1 ? '*' : '|';
      })
      .join('')
      .padEnd(columns);
  });
}

/** Row of a chart (0 is the top) that a value is in. */
export const chartRowOf = (value: number, top: number, rows: number): number =>
  Math.min(rows - 1, Math.max(0, rows - Math.ceil((value / Math.max(top, 1)) * rows)));

/** `-10m ───── -5m ───── now`, exactly `columns` cells of ASCII and rules, where they fit. */
export function timeAxis(
  { fromAt, toAt }: ChartWindow,
  { columns, nowLabel, nowWidth, rule }: AxisOptions,
): string {
  const spanMs = toAt - fromAt;
  const left = `-${formatSpan(spanMs)} `;
  const middle = ` -${formatSpan(spanMs / 2)} `;
  const spare = columns - left.length - nowWidth - 1;
  if (spare < 0) return nowLabel;
  const before = Math.floor(columns / 2) - left.length - Math.floor(middle.length / 2);
  const after = spare - before - middle.length;
  const line =
    before < 2 || after < 2 ? rule.repeat(spare) : rule.repeat(before) + middle + rule.repeat(after);
  return `${left}${line} ${nowLabel}`;
}
export interface AxisOptions {
  readonly columns: number;
  readonly nowLabel: string;
  /** Cells of `nowLabel`. */
  readonly nowWidth: number;
  readonly rule: string;
}
const formatSpan = (ms: number): string =>
  ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS}m` : `${Math.round(ms / 1_000)}s`;
