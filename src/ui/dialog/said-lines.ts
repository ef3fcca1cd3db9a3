import type { Text } from '../../domain/text.ts';
import { say } from '../../views/words.ts';
import { part } from '../kit/styled-line.ts';
import type { Role } from '../kit/theme.ts';
import { wrap } from '../kit/width.ts';
import type { DialogLine, DialogRoom } from './dialog.ts';

/** Words over as many lines as they need, with a sign before the first. */
export function saidLines(
  { world, width }: Pick<DialogRoom, 'world' | 'width'>,
  words: Text | string,
  { role = 'normal', sign = '' }: { readonly role?: Role; readonly sign?: string } = {},
): readonly DialogLine[] {
  const spoken = typeof words === 'string' ? words : say(world.settings, words);
  const indent = sign === '' ? 0 : 2;
  const pieces = spoken.split('\n').flatMap((line) => wrap(line, width - indent));
  return pieces.map((piece, index) => [
    part(`${indent === 0 ? '' : index === 0 ? `${sign} ` : '  '}${piece}`, role),
  ]);
}

export const indented = (line: DialogLine): DialogLine => [part('      '), ...line];
