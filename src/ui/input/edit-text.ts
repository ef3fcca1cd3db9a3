import { erase, insertText, moveCursor, type Prompt } from '../../store/shell/prompt.ts';
import type { KeyName } from './keys.ts';

const EDITS: Readonly<Record<KeyName, (prompt: Prompt) => Prompt>> = {
  left: (prompt) => moveCursor(prompt, 'left'),
  right: (prompt) => moveCursor(prompt, 'right'),
  home: (prompt) => moveCursor(prompt, 'start'),
  end: (prompt) => moveCursor(prompt, 'end'),
  '^a': (prompt) => moveCursor(prompt, 'start'),
  '^e': (prompt) => moveCursor(prompt, 'end'),
  backspace: (prompt) => erase(prompt, 'before'),
  delete: (prompt) => erase(prompt, 'after'),
  '^w': (prompt) => erase(prompt, 'word'),
  '^u': (prompt) => erase(prompt, 'line'),
  space: (prompt) => insertText(prompt, ' '),
};
const NAMED = new Set(['enter', 'esc', 'tab', 'up', 'down', 'pgup', 'pgdn']);

/** A line of text after a key, or `undefined` where the key does not edit. */
export function editText(prompt: Prompt, key: KeyName): Prompt | undefined {
  const edit = EDITS[key];
  if (edit !== undefined) return edit(prompt);
  if (NAMED.has(key) || /^(?:\^.+|shift-.+)$/.test(key)) return undefined;
  return insertText(prompt, key);
}
