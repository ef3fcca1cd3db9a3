import stringWidth from 'string-width';
import { cleanLine, cleanText } from '../../core/text.ts';

const ASCII = /^[\x20-\x7e]*$/;
const CACHE_LIMIT = 4_096;
const widths = new Map<string, number>();
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cells a text takes on the terminal; plain ASCII is counted, the rest measured and remembered (bounded). */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  const known = widths.get(text);
  if (known !== undefined) return known;
  if (widths.size >= CACHE_LIMIT) widths.clear();
  const width = stringWidth(text);
  widths.set(text, width);
  return width;
}

/**
 * At most `width` cells; a cut is marked with an ellipsis. Never cuts through a wide character. Sources clean what
 * they read; whatever slips through is made harmless here, before it can reach the terminal.
 */
export function truncate(untrusted: string, width: number): string {
  if (width <= 0) return '';
  if (ASCII.test(untrusted)) {
    return untrusted.length <= width ? untrusted : `${untrusted.slice(0, width - 1)}…`;
  }
  const text = cleanLine(untrusted);
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const cells = displayWidth(segment);
    if (used + cells > width - 1) break;
    kept += segment;
    used += cells;
  }
  return `${kept}…`;
}

/** At most `width` cells; what is left out is in the middle, so that `was-7d9c…-x2p9q` keeps both its ends. */
export function truncateMiddle(untrusted: string, width: number): string {
  const text = ASCII.test(untrusted) ? untrusted : cleanLine(untrusted);
  if (displayWidth(text) <= width) return text;
  const tailWidth = Math.floor((width - 1) / 2);
  const headWidth = width - 1 - tailWidth;
  const segments = Array.from(segmenter.segment(text), ({ segment }) => segment);
  const head = takeCells(segments, headWidth);
  const tail = takeCells(segments.reverse(), tailWidth).reverse();
  return width <= 0 ? '' : `${head.join('')}…${tail.join('')}`;
}

function takeCells(segments: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const segment of segments) {
    used += displayWidth(segment);
    if (used > width) break;
    taken.push(segment);
  }
  return taken;
}

export interface FitOptions {
  readonly align?: 'left' | 'right' | undefined;
  readonly cut?: 'middle' | undefined;
}

/** Exactly `width` cells: cut or padded. */
export function fit(text: string, width: number, { align, cut: where }: FitOptions = {}): string {
  const cut = where === 'middle' ? truncateMiddle(text, width) : truncate(text, width);
  const blank = ' '.repeat(Math.max(0, width - displayWidth(cut)));
  return align === 'right' ? blank + cut : cut + blank;
}

/** Breaks a text into lines of at most `width` cells, at spaces where there are some. */
export function wrap(untrusted: string, width: number): string[] {
  if (width <= 0) return [];
  const text = ASCII.test(untrusted) ? untrusted : cleanText(untrusted);
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let used = 0;
    for (const word of paragraph.split(/(?<= )/)) {
      const cells = displayWidth(word.trimEnd());
      if (used + cells > width && line !== '') {
        lines.push(line.trimEnd());
        line = '';
        used = 0;
      }
      if (cells <= width) {
        line += word;
        used += displayWidth(word);
        continue;
      }
      for (const { segment } of segmenter.segment(word)) {
        const one = displayWidth(segment);
        if (used + one > width) {
          lines.push(line);
          line = '';
          used = 0;
        }
        line += segment;
        used += one;
      }
    }
    lines.push(line.trimEnd());
  }
  return lines;
}
