import { displayWidth } from './width.ts';

/** What the console's own signs are in ASCII: one cell each, as the sign itself. */
const SIGNS: ReadonlyMap<string, string> = new Map(
  [
    "…~ →> ←< ↑^ ↓v ›> ▸> ·- •* ’' ‘' “\" ”\" –- —- −- ─- ┄- │| ╵' ‖|",
    '┌+ ┐+ └+ ┘+ ├+ ┤+ ┬+ ┴+ ┼+',
    '●* ○o ◐% ◌. ⊘/ ✖x ✔+ ▲! ▼v ‼! ≠! ×x ↺@ ↻@ ²2',
    '█# ▇# ▆# ▅# ▄# ▃# ▂# ▁.',
  ]
    .join(' ')
    .split(' ')
    .map((pair) => [pair.charAt(0), pair.charAt(1)]),
);
const BRAILLE = /^[\u2800-\u28ff]$/;
const HANGUL = /\p{Script=Hangul}/u;
const ASCII = /^\p{ASCII}*$/u;
const FOREIGN = /\P{ASCII}+/gu;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export interface AsciiOptions {
  /** The operator asked for Korean, so the terminal shows it whatever its locale says. */
  readonly keepsHangul: boolean;
}

/**
 * A painted line for a terminal whose locale is not UTF-8, as many cells wide: the console's signs in ASCII, what is of
 * other scripts `?`. Raw UTF-8 would be read byte by byte there, and some of its bytes are control codes.
 */
export function asciiLine(line: string, { keepsHangul }: AsciiOptions): string {
  if (ASCII.test(line)) return line;
  return line.replace(FOREIGN, (run) => {
    let plain = '';
    for (const { segment } of segmenter.segment(run)) {
      const sign = SIGNS.get(segment) ?? (BRAILLE.test(segment) ? '*' : undefined);
      if (sign !== undefined) plain += sign;
      else plain += keepsHangul && HANGUL.test(segment) ? segment : '?'.repeat(displayWidth(segment));
    }
    return plain;
  });
}
