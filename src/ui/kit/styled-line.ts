import type { Role, Theme } from './theme.ts';
import { displayWidth, truncate } from './width.ts';

export interface Part {
  readonly text: string;
  readonly role?: Role;
}
export const part = (text: string, role?: Role): Part => (role === undefined ? { text } : { text, role });

export const partsWidth = (parts: readonly Part[]): number =>
  parts.reduce((sum, { text }) => sum + displayWidth(text), 0);

/** Paints parts one after another, cut at `width` cells. */
export function paintParts(theme: Theme, parts: readonly Part[], width: number): string {
  let left = width;
  let line = '';
  for (const { text, role = 'normal' } of parts) {
    if (left <= 0) break;
    const cut = truncate(text, left);
    left -= displayWidth(cut);
    line += theme.paint(role, cut);
  }
  return line;
}

/** One line with parts at its left and right end; where both do not fit, the right end goes. */
export function spread(theme: Theme, left: readonly Part[], right: readonly Part[], width: number): string {
  const rightWidth = partsWidth(right);
  const leftWidth = partsWidth(left);
  if (rightWidth === 0 || leftWidth + rightWidth + 1 > width) return paintParts(theme, left, width);
  return (
    paintParts(theme, left, leftWidth) +
    ' '.repeat(width - leftWidth - rightWidth) +
    paintParts(theme, right, rightWidth)
  );
}
