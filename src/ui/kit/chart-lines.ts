import { type ChartCanvas, createCanvas, put } from './chart-canvas.ts';

/** Bits of a braille cell by column and row of its dots; U+2800 has none. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const BLANK_BRAILLE = 0x28_00;
export const DOT_COLUMNS = 2;
const DOT_ROWS = 4;
/** Cells between the letters that tell lines apart where there is no colour. */
const SIGN_PAUSE_CELLS = 15;

/** Letter of a line where a chart has several. */
export const lineSign = (line: number): string => String.fromCharCode('A'.charCodeAt(0) + (line % 26));

export interface LinesOptions {
  /** By series; in Unicode two values a cell (`DOT_COLUMNS`), in ASCII one. */
  readonly series: readonly (readonly (number | undefined)[])[];
  readonly top: number;
  readonly rows: number;
  readonly cells: number;
  readonly isUnicode: boolean;
  /** Number of the first cell since the epoch, so that letters move with their line; without it there are none. */
  readonly signsFrom?: number | undefined;
}

/** Lines in braille dots, or in ASCII a character a cell; silence stays blank. */
export function drawLines(options: LinesOptions): ChartCanvas {
  const canvas = createCanvas(options.cells, options.rows);
  if (options.isUnicode) drawDots(canvas, options);
  else drawCharacters(canvas, options);
  return canvas;
}

/** Row from the bottom of `levels` rows. */
const levelOf = (value: number, top: number, levels: number): number =>
  Math.min(levels - 1, Math.max(0, Math.round((value / Math.max(top, Number.MIN_VALUE)) * (levels - 1))));

function drawDots(canvas: ChartCanvas, { series, top, rows, cells, signsFrom }: LinesOptions): void {
  const masks = new Uint8Array(cells * rows);
  // The first series is drawn last: where lines share a cell it has its colour.
  for (let ink = series.length - 1; ink >= 0; ink--) {
    let before: number | undefined;
    for (let dot = 0; dot < cells * DOT_COLUMNS; dot++) {
      const value = series[ink]?.[dot];
      if (value === undefined) {
        before = undefined;
        continue;
      }
      const level = levelOf(value, top, rows * DOT_ROWS);
      // A step is drawn through, so that a line stays one line.
      const [low, high] =
        before === undefined || before === level
          ? [level, level]
          : before < level
            ? [before + 1, level]
            : [level, before - 1];
      for (let at = low; at <= high; at++) {
        const fromTop = rows * DOT_ROWS - 1 - at;
        const cell = (fromTop >> 2) * cells + (dot >> 1);
        masks[cell] = (masks[cell] ?? 0) | (DOTS[dot & 1]?.[fromTop & 3] ?? 0);
        canvas.inks[cell] = ink;
      }
      before = level;
    }
  }
  masks.forEach((mask, cell) => {
    if (mask !== 0) canvas.characters[cell] = String.fromCharCode(BLANK_BRAILLE + mask);
  });
  if (signsFrom === undefined) return;
  series.forEach((values, ink) => {
    const turn = Math.round((ink * SIGN_PAUSE_CELLS) / series.length);
    for (let column = 0; column < cells; column++) {
      if ((signsFrom + column) % SIGN_PAUSE_CELLS !== turn) continue;
      const value = values[column * DOT_COLUMNS] ?? values[column * DOT_COLUMNS + 1];
      if (value === undefined) continue;
      const row = rows - 1 - (levelOf(value, top, rows * DOT_ROWS) >> 2);
      put(canvas, { column, row }, { character: lineSign(ink), ink });
    }
  });
}

function drawCharacters(canvas: ChartCanvas, { series, top, rows, cells }: LinesOptions): void {
  for (let ink = series.length - 1; ink >= 0; ink--) {
    const character = series.length === 1 ? '*' : lineSign(ink);
    for (let column = 0; column < cells; column++) {
      const value = series[ink]?.[column];
      if (value === undefined) continue;
      put(canvas, { column, row: rows - 1 - levelOf(value, top, rows) }, { character, ink });
    }
  }
}

/** Row (0 is the top) in which a value of a line is drawn. */
export const endRowOf = (
  value: number,
  { top, rows, isUnicode }: Pick<LinesOptions, 'top' | 'rows' | 'isUnicode'>,
): number =>
  isUnicode ? rows - 1 - (levelOf(value, top, rows * DOT_ROWS) >> 2) : rows - 1 - levelOf(value, top, rows);
