import type { SeriesPoint } from '../../domain/series.ts';

const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const LEVELS_PER_CELL = 8;

export interface ChartOptions {
  readonly points: readonly SeriesPoint[];
  readonly columns: number;
  readonly rows: number;
  /** Upper end of the scale; @default the highest value */
  readonly max?: number | undefined;
  /** Without it the chart is drawn in ASCII. */
  readonly isUnicode: boolean;
}

/** The newest points in `columns` buckets of equal time, each the highest value in it; oldest first. */
export function bucket(points: readonly SeriesPoint[], columns: number): (number | undefined)[] {
  const newest = points.at(-1);
  const oldest = points[0];
  if (newest === undefined || oldest === undefined || columns <= 0) return [];
  if (points.length <= columns) return points.map(({ value }) => value);
  const spanMs = Math.max(1, newest.at - oldest.at);
  const buckets = new Array<number | undefined>(columns).fill(undefined);
  for (const { at, value } of points) {
    const index = Math.min(columns - 1, Math.floor(((at - oldest.at) / spanMs) * columns));
    buckets[index] = Math.max(buckets[index] ?? Number.NEGATIVE_INFINITY, value);
  }
  return buckets;
}

/** Area under a line, top row first; gaps in the data stay blank. */
export function drawChart({ points, columns, rows, max, isUnicode }: ChartOptions): string[] {
  const values = bucket(points, columns);
  const highest = values.reduce<number>((high, value) => Math.max(high, value ?? 0), 0);
  const top = Math.max(max ?? 0, highest);
  if (values.length === 0 || top <= 0 || rows <= 0) return [];
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
