import { stripVTControlCharacters } from 'node:util';
import { ACTIONS } from '../../src/actions/index.ts';
import type { Acting } from '../../src/ui/acting.ts';
import { commandNames } from '../../src/ui/command/names.ts';
import { VIEWS } from '../../src/views/index.ts';
import type { lockRemotes } from './locked-remotes.ts';
import type { OpenedFleet } from './opened-fleet.ts';
import type { BareConsole } from './whole-console.tsx';

const PRINTABLE = Array.from({ length: 0x7f - 0x21 }, (_, index) => String.fromCharCode(0x21 + index));
const CONTROL = Array.from({ length: 26 }, (_, index) => `^${String.fromCharCode(0x61 + index)}`);
const NAMED = [
  ...['enter', 'esc', 'space', 'tab', 'shift-tab', 'backspace', 'delete'],
  ...['up', 'down', 'left', 'right', 'shift-up', 'shift-down', 'shift-left', 'shift-right'],
  ...['home', 'end', 'pgup', 'pgdn', '^space', '^\\', '^]', '^^', '^_'],
];
/** Every key a terminal can send that the console can tell from others. */
export const EVERY_KEY: readonly string[] = [...PRINTABLE, ...CONTROL, ...NAMED];

/** A key of a view's own leads somewhere; from there back to the view, whatever is open. */
export function show(console: BareConsole, view: string): void {
  // Dialogs, prompts, filters and pages before it.
  console.together('esc', 'esc', 'esc');
  console.together(':', ...view, 'enter', '^\\');
}

/** Where the cursor stands and what is marked; the first is enough where no verb acts on the rows. */
const PLACES: readonly (readonly string[])[] = [['g', 'down', 'down'], ['G'], ['*']];

export const VIEW_IDS: readonly string[] = VIEWS.map(({ id }) => id);

/** What can be written after the colon: views, commands, verbs, with and without words behind. */
export const COMMAND_LINES: readonly string[] = [
  ...commandNames().flatMap((name) => [name, `${name} prod-eu`, `${name} -n shop was`]),
  ...ACTIONS.flatMap(({ id, command }) => [
    id,
    command,
    `${command} prod-eu:pay/ledger`,
    `${command} prod-eu:pay/ledger --yes`,
    `${command}! lena-was`,
  ]),
  ...['exec', 'attach', 'shell', 'port-forward', 'proxy', 'cp', 'edit', 'kill', 'drain', 'cordon', 'secrets'],
  '!rm -rf /',
  'servers; restart lena-was',
];

/** Keys of verbs and what the console itself does with rows. */
export const DEED_KEYS: readonly string[] = [
  ...new Set([
    ...ACTIONS.map(({ key }) => key),
    ...VIEWS.flatMap(({ offers = [] }) => offers.map(({ key }) => key)),
    'L',
  ]),
];

/** The application's acting, but for a gate whose policy lets everything pass. */
export const actingThrough = (
  { opened }: OpenedFleet,
  { executor }: ReturnType<typeof lockRemotes>,
): Acting => ({
  ...opened.acting,
  executor,
  modeOf: () => ({ mode: 'normal', origin: 'the test' }),
});

/**
 * Every key on every table, at several places and with marks, on the pages behind, and in every dialog that opens;
 * tells the titles of those.
 */
export async function pressEveryKey(
  console: BareConsole,
): Promise<{ readonly dialogs: ReadonlySet<string> }> {
  const dialogs = new Set<string>();
  const press = (key: string, isBack: () => boolean, back: () => void) => {
    console.press(key);
    if (console.hasDialog()) {
      dialogs.add(/┌─* ?(.*?) ─/.exec(stripVTControlCharacters(console.text()))?.[1] ?? 'no title');
      console.press(...EVERY_KEY.filter((one) => one !== 'esc' && one !== '^c'));
      console.press('esc', 'esc');
    }
    if (!isBack()) back();
  };
  for (const view of VIEW_IDS) {
    show(console, view);
    const hasVerbs = ACTIONS.some(({ kind }) => kind === VIEWS.find(({ id }) => id === view)?.kind);
    for (const place of hasVerbs ? PLACES : PLACES.slice(0, 1)) {
      for (const key of EVERY_KEY) {
        console.together('^\\', ...place);
        press(
          key,
          () => console.isAt(view),
          () => show(console, view),
        );
      }
      // What a key set going gets its turn.
      await console.takeData();
    }
    for (const form of view === VIEW_IDS[0] ? ['d', 'y'] : ['d']) {
      const open = () => {
        show(console, view);
        console.press('g', form);
      };
      open();
      // A view without rows has no page.
      if (!console.isOnPage()) continue;
      for (const key of EVERY_KEY) press(key, console.isOnPage, open);
    }
  }
  return { dialogs };
}

/** Every line after the colon, and some as filters. */
export async function runEveryCommand(console: BareConsole): Promise<void> {
  const [home = ''] = VIEW_IDS;
  for (const [prompt, lines] of [
    [':', COMMAND_LINES],
    ['/', COMMAND_LINES.slice(0, 20)],
  ] as const) {
    for (const line of lines) {
      if (!console.isAt(home)) show(console, home);
      console.press(prompt);
      console.type(line);
      console.press('enter');
      if (console.hasDialog()) console.press('esc');
    }
    await console.takeData();
  }
}

/** Opens the dialog of a verb and goes through it to its end. True where something was agreed to. */
export async function walkDialog(console: BareConsole, step: number): Promise<boolean> {
  let isAgreed = false;
  for (let stage = 0; stage < 6 && console.hasDialog(); stage++) {
    await console.settled();
    const words = stripVTControlCharacters(console.text());
    const name = /Type (\S.*?) {2,}/.exec(words)?.[1];
    if (words.includes('enter plans')) {
      // A number goes up, so that there is something to do; a choice goes down to one of those offered.
      if (words.includes('Servers')) console.press('up', 'enter');
      else console.press(...Array.from({ length: step + 1 }, () => 'down'), 'enter');
    } else if (name !== undefined) {
      console.press('^u');
      console.type(name);
      console.press('enter');
      isAgreed = true;
    } else if (words.includes('enter confirms')) {
      console.press('x', 'D');
      await console.settled();
      console.press('right', 'enter');
      isAgreed = true;
    } else break;
  }
  if (console.hasDialog()) console.press('esc');
  // What comes right after a yes is dropped.
  if (isAgreed) await console.settled();
  return isAgreed;
}
