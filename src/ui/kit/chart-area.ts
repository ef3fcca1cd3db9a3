import { type ChartCanvas, createCanvas, put } from './chart-canvas.ts';

const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const LEVELS_PER_CELL = 8;
const UNICODE_LINES = ['─', '┄', '┈'] as const;
const ASCII_LINES = ['=', '-', '.'] as const;

/** Sign of the line with this number over an area, for the chart and its legend. */
export const areaLineSign = (line: number, isUnicode: boolean): string => {
  const signs = isUnicode ? UNICODE_LINES : ASCII_LINES;
  return signs[line % signs.length] ?? signs[0];
};
export const areaSign = (isUnicode: boolean): string => (isUnicode ? '█' : '|');

export interface AreaOptions {
  /** One value a column; `undefined` is silence. */
  readonly values: readonly (number | undefined)[];
  /** Drawn over the area; ink 1 and on. */
  readonly lines: readonly (readonly (number | undefined)[])[];
  /** Upper end of the scale. */
  readonly top: number;
  readonly rows: number;
  /** Without it the chart is drawn in ASCII. */
  readonly isUnicode: boolean;
}

/** Area under a curve (ink 0) with lines over it; silence stays blank. */
export function drawArea({ values, lines, top, rows, isUnicode }: AreaOptions): ChartCanvas {
  const canvas = createCanvas(values.length, rows);
  const perCell = isUnicode ? LEVELS_PER_CELL : 1;
  values.forEach((value, column) => {
    if (value === undefined) return;
    // What was heard shows, be it zero: silence alone is blank.
    const level = Math.max(1, Math.min(rows * perCell, Math.round((value / top) * rows * perCell)));
    for (let row = rows - Math.ceil(level / perCell); row < rows; row++) {
      const below = (rows - 1 - row) * perCell;
      const here = Math.min(perCell, level - below);
      const character = isUnicode ? (BLOCKS[here] ?? '█') : level === below + 1 ? '*' : '|';
      put(canvas, { column, row }, { character, ink: 0 });
    }
  });
  lines.forEach((line, index) => {
    const character = areaLineSign(index, isUnicode);
    line.forEach((value, column) => {
      if (value === undefined) return;
      const row = lineRowOf(value, top, rows);
      const under = canvas.characters[row * canvas.columns + column];
      // The edge of the area says more than a line that runs within the same cell.
      if (under !== undefined && under !== '█' && under !== '|') return;
      put(canvas, { column, row }, { character, ink: index + 1 });
    });
  });
  return canvas;
}

/** Row (0 is the top) that a value is in. */
export const lineRowOf = (value: number, top: number, rows: number): number =>
  Math.min(rows - 1, Math.max(0, rows - Math.ceil((value / Math.max(top, Number.MIN_VALUE)) * rows)));
