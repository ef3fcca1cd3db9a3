import { type ChartCanvas, createCanvas, put } from './chart-canvas.ts';

const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const LEVELS_PER_CELL = 8;

/** Sign of a line over an area, for the chart and its legend: a level, or a limit. */
export const areaLineSign = (isLimit: boolean, isUnicode: boolean): string =>
  isLimit ? (isUnicode ? '┄' : '-') : isUnicode ? '─' : '=';
/** Inks of an area chart. */
export const AREA_INKS = { area: 0, level: 1, limit: 2, warn: 3, bad: 4 } as const;
export const areaSign = (isUnicode: boolean): string => (isUnicode ? '█' : '|');

export interface AreaLine {
  readonly values: readonly (number | undefined)[];
  readonly isLimit: boolean;
}
export interface AreaOptions {
  /** One value a column; `undefined` is silence. */
  readonly values: readonly (number | undefined)[];
  /** Drawn over the area, a value a column. */
  readonly lines: readonly AreaLine[];
  /** Upper end of the scale. */
  readonly top: number;
  readonly rows: number;
  /** Without it the chart is drawn in ASCII. */
  readonly isUnicode: boolean;
  /** Ink of a column of the area by its value; @default that of the area */
  readonly inkOf?: ((value: number) => number) | undefined;
}

/** Area under a curve with lines over it; silence stays blank. */
export function drawArea({ values, lines, top, rows, isUnicode, inkOf }: AreaOptions): ChartCanvas {
  const canvas = createCanvas(values.length, rows);
  const perCell = isUnicode ? LEVELS_PER_CELL : 1;
  values.forEach((value, column) => {
    if (value === undefined) return;
    const ink = inkOf?.(value) ?? AREA_INKS.area;
    // What was heard shows, be it zero: silence alone is blank.
    const level = Math.max(1, Math.min(rows * perCell, Math.round((value / top) * rows * perCell)));
    for (let row = rows - Math.ceil(level / perCell); row < rows; row++) {
      const below = (rows - 1 - row) * perCell;
      const here = Math.min(perCell, level - below);
      const character = isUnicode ? (BLOCKS[here] ?? '█') : level === below + 1 ? '*' : '|';
      put(canvas, { column, row }, { character, ink });
    }
  });
  for (const { values: line, isLimit } of lines) {
    const character = areaLineSign(isLimit, isUnicode);
    const ink = isLimit ? AREA_INKS.limit : AREA_INKS.level;
    line.forEach((value, column) => {
      if (value === undefined) return;
      const row = lineRowOf(value, top, rows);
      const under = canvas.characters[row * canvas.columns + column];
      // The edge of the area says more than a line that runs within the same cell.
      if (under !== undefined && under !== '█' && under !== '|') return;
      put(canvas, { column, row }, { character, ink });
    });
  }
  return canvas;
}

/** Row (0 is the top) that a value is in. */
const lineRowOf = (value: number, top: number, rows: number): number =>
  Math.min(rows - 1, Math.max(0, rows - Math.ceil((value / Math.max(top, Number.MIN_VALUE)) * rows)));
