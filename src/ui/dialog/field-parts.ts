import type { Prompt } from '../../store/shell/prompt.ts';
import { type Part, part } from '../kit/styled-line.ts';
import { displayWidth, truncate } from '../kit/width.ts';

/** The text of a field with its caret; a long text scrolls so that the caret stays in sight. */
export function fieldParts(prompt: Prompt, isFocused: boolean, width: number): readonly Part[] {
  if (!isFocused) return [part(truncate(prompt.text, width))];
  let head = prompt.text.slice(0, prompt.cursor);
  while (displayWidth(head) > width - 2) head = head.slice(Math.max(1, Math.floor(head.length / 8)));
  const [under = ' '] = prompt.text.slice(prompt.cursor);
  const rest = prompt.text.slice(
    prompt.cursor + (under === ' ' && prompt.cursor === prompt.text.length ? 0 : under.length),
  );
  return [
    part(head),
    part(under, 'inverse'),
    part(truncate(rest, Math.max(0, width - displayWidth(head) - displayWidth(under)))),
  ];
}

/** Buttons in a row; the chosen one is marked by a sign as well, the one that cannot be chosen yet is dim. */
export const buttonParts = (labels: readonly string[], chosen: number, dim?: number): readonly Part[] =>
  labels.flatMap((label, index) =>
    index === chosen
      ? [part('▸', 'accent'), part(`[ ${label} ]`, 'inverse'), part(' ')]
      : [part(` [ ${label} ] `, index === dim ? 'muted' : 'normal')],
  );
