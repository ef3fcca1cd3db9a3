import type { Key } from 'ink';

/**
 * Names of keys: a printable character is its own name; the rest are `enter esc space tab backspace delete up down
 * left right home end pgup pgdn`, with `shift-` before an arrow and `^` before a letter held with control.
 */
export type KeyName = string;

const CONTROL: Readonly<Record<string, KeyName>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u0000': '^space',
  '\u0008': 'backspace',
  '\u007F': 'backspace',
  '\u001B': 'esc',
  '\u001C': '^\\',
  '\u001D': '^]',
  '\u001E': '^^',
  '\u001F': '^_',
  ' ': 'space',
};
const FLAGS = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageDown', 'pgdn'],
  ['pageUp', 'pgup'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
] as const satisfies readonly (readonly [keyof Key, KeyName])[];

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function nameOf(character: string): KeyName {
  const named = CONTROL[character];
  if (named !== undefined) return named;
  const code = character.charCodeAt(0);
  return character.length === 1 && code < 0x20 ? `^${String.fromCharCode(code + 0x60)}` : character;
}

/**
 * What Ink hands over as one input, as the keys that were pressed: fast typing arrives merged (`jjr`, `/a\r`), and
 * `esc` typed right before a letter looks like a letter with alt held.
 */
export function splitInput(input: string, key: Key): readonly KeyName[] {
  for (const [flag, name] of FLAGS) {
    if (key[flag] !== true) continue;
    if (name === 'esc' || !key.shift) return [name];
    return [`shift-${name}`];
  }
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab'];
  if (key.ctrl && input !== '') return [input === ' ' ? '^space' : `^${input}`];
  const names = Array.from(segmenter.segment(input), ({ segment }) => segment).flatMap((segment) =>
    // Segments keep `\r\n` together; as keys it is one enter.
    segment === '\r\n' ? ['enter'] : [nameOf(segment)],
  );
  return key.meta ? ['esc', ...names] : names;
}

const LABELS: Readonly<Record<KeyName, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  'shift-left': 'shift-←',
  'shift-right': 'shift-→',
  pgup: 'PgUp',
  pgdn: 'PgDn',
};
/** As help and README print it. */
export const keyLabel = (key: KeyName): string => LABELS[key] ?? key;
