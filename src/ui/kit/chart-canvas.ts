/** Cells of a chart: a character each, and which series it belongs to. */
export interface ChartCanvas {
  readonly columns: number;
  readonly rows: number;
  /** Row by row from the top; `undefined` is blank. */
  readonly characters: (string | undefined)[];
  /** Number of the series a cell shows, -1 for none. */
  readonly inks: Int8Array;
}

export const createCanvas = (columns: number, rows: number): ChartCanvas => ({
  columns,
  rows,
  characters: new Array<string | undefined>(Math.max(0, columns * rows)).fill(undefined),
  inks: new Int8Array(Math.max(0, columns * rows)).fill(-1),
});

export function put(
  canvas: ChartCanvas,
  { column, row }: { readonly column: number; readonly row: number },
  { character, ink }: { readonly character: string; readonly ink: number },
): void {
  const at = row * canvas.columns + column;
  canvas.characters[at] = character;
  canvas.inks[at] = ink;
}

/** Lines of the canvas; neighbours of one series are painted together. */
export function paintCanvas(
  { columns, rows, characters, inks }: ChartCanvas,
  paint: (ink: number, text: string) => string,
): string[] {
  return Array.from({ length: rows }, (_, row) => {
    let line = '';
    let run = '';
    let ink = -1;
    for (let at = row * columns; at < (row + 1) * columns; at++) {
      const character = characters[at] ?? ' ';
      const own = inks[at] ?? -1;
      // A blank has no colour of its own: it goes on with what is being painted.
      if (own !== ink && character !== ' ') {
        line += ink === -1 ? run : paint(ink, run);
        run = '';
        ink = own;
      }
      run += character;
    }
    return line + (ink === -1 ? run : paint(ink, run));
  });
}
