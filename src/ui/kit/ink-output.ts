// Ink exports no way to its output; the file itself is the same module that Ink uses, from sources and in the bundle.
import Output from '../../../node_modules/ink/build/output.js';

/** Lines remembered at one width; some screens' worth. */
const REMEMBERED = 2_000;

interface Written {
  /** Text by row; `undefined` once something was written that this cannot draw. */
  rows: Map<number, string> | undefined;
}

let isInstalled = false;

/**
 * Ink cuts every frame into one object a cell and glues it together again: 3 ms and 1 MB a frame, of which nearly
 * all is the same as a frame ago. Where a frame is whole lines, as the console's are, each distinct line is drawn by
 * Ink once and remembered. Any other frame is Ink's own work as before.
 */
export function rememberInkLines(): void {
  if (isInstalled) return;
  isInstalled = true;
  const { write, clip, get } = Output.prototype;
  const written = new WeakMap<Output, Written>();
  const drawn = new Map<string, string>();
  let drawnWidth = -1;

  const writtenIn = (output: Output): Written => {
    let known = written.get(output);
    if (known === undefined) {
      known = { rows: new Map() };
      written.set(output, known);
    }
    return known;
  };
  const draw = (text: string, width: number): string => {
    if (width !== drawnWidth || drawn.size >= REMEMBERED) drawn.clear();
    drawnWidth = width;
    let line = drawn.get(text);
    if (line === undefined) {
      const single = new Output({ width, height: 1 });
      write.call(single, 0, 0, text, { transformers: [] });
      line = get.call(single).output;
      drawn.set(text, line);
    }
    return line;
  };

  Output.prototype.write = function (x, y, text, options) {
    const own = writtenIn(this);
    const isLine =
      x === 0 &&
      y >= 0 &&
      y < this.height &&
      !text.includes('\n') &&
      // Every <Text> has one; without colours of its own it changes nothing.
      options.transformers.every((transform) => transform(text, 0) === text) &&
      own.rows?.has(y) === false;
    if (!isLine) own.rows = undefined;
    else if (text !== '') own.rows?.set(y, text);
    write.call(this, x, y, text, options);
  };
  Output.prototype.clip = function (area) {
    writtenIn(this).rows = undefined;
    clip.call(this, area);
  };
  Output.prototype.get = function () {
    const { rows } = writtenIn(this);
    if (rows === undefined) return get.call(this);
    const lines = Array.from({ length: this.height }, (_, y) => {
      const text = rows.get(y);
      return text === undefined ? '' : draw(text, this.width);
    });
    return { output: lines.join('\n'), height: this.height };
  };
}
