import assert from 'node:assert/strict';
import stringWidth from 'string-width';
import { createRelated } from '../../src/app/view-context.ts';
import type { Mode } from '../../src/domain/policy.ts';
import type { Acting } from '../../src/ui/acting.ts';
import { Console } from '../../src/ui/console.tsx';
import { type ConsoleOptions, createConsole } from '../../src/ui/create-console.ts';
import { GUARD_MS } from '../../src/ui/dialog/dialogs.ts';
import { createFakeClock } from './fake-clock.ts';
import { waitFor } from './fleet-wait.ts';
import type { OpenedFleet } from './opened-fleet.ts';
import { launch, type TerminalOptions } from './terminal.tsx';

const REFRESH_MS = 100;
const ANSWER_TIMEOUT_MS = 30_000;

export interface WholeConsoleOptions {
  readonly fleet: OpenedFleet;
  readonly mode: Mode;
  /** Another gate than the one the application composed. */
  readonly acting?: Acting | undefined;
}

/** What the program would hand to the console, but for the clock of the screen, which is turned by hand. */
function consoleOptions({ fleet, mode, acting }: WholeConsoleOptions) {
  const { opened } = fleet;
  const clock = createFakeClock(Date.now());
  const calls = { quits: 0, saved: 0, copied: 0 };
  const options: ConsoleOptions = {
    store: opened.store,
    related: createRelated(opened.store),
    acting: acting ?? opened.acting,
    clock,
    settings: {
      language: 'en',
      isUtc: true,
      isColor: true,
      colorDepth: 8,
      theme: 'auto',
      levels: opened.settings.config.levels,
      mode,
      refreshMs: REFRESH_MS,
      version: '0.1.0',
      isDemo: false,
      configuredContexts: opened.settings.targets.map(({ name }) => name),
    },
    onQuit() {
      calls.quits++;
    },
    onRefresh: () => opened.runtime.refresh(),
    onLook: (servers, own) => opened.probing.look(servers, own),
    onAnalysis: (analysis) => opened.dumps.look(analysis),
    saveFile(name) {
      calls.saved++;
      return Promise.resolve(`/saved/${name}`);
    },
    copy() {
      calls.copied++;
    },
  };
  return { options, clock, calls };
}

/** The whole console on a headless terminal: the application's store and gate, keys as bytes. */
export async function openWholeConsole(given: WholeConsoleOptions, size: TerminalOptions = {}) {
  const { options, clock, calls } = consoleOptions(given);
  const terminal = await launch(<Console {...options} />, size);
  return { ...terminal, clock, calls };
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** The same without a terminal, for very many keys: each frame is checked as it is made. */
export function openBareConsole(given: WholeConsoleOptions, { columns, rows }: ScreenSize) {
  const { options, clock, calls } = consoleOptions(given);
  const { screen, dispatcher, start } = createConsole(options);
  screen.resize(columns, rows);
  const stop = start();
  let presses = 0;
  const frame = (): readonly string[] => {
    const lines = screen.lines();
    assert.equal(lines.length, rows, 'a frame is as tall as the terminal');
    for (const line of lines) {
      assert.ok(stringWidth(line) <= columns, `a line of ${stringWidth(line)} cells on ${columns}:\n${line}`);
    }
    return lines;
  };
  /** Keys that come in one chunk are drawn once. */
  const together = (...keys: readonly string[]): void => {
    presses += keys.length;
    dispatcher.press(keys);
    frame();
  };
  const text = () => frame().join('\n');
  return {
    clock,
    calls,
    frame,
    text,
    presses: () => presses,
    /** Presses keys one by one and draws after each. */
    press(...keys: readonly string[]): void {
      for (const key of keys) {
        presses++;
        dispatcher.press([key]);
        frame();
      }
    },
    together,
    /** Types words fast. */
    type: (words: string) =>
      together(...Array.from(words, (character) => (character === ' ' ? 'space' : character))),
    paste: (words: string) => dispatcher.paste(words),
    /** The table of a view is shown, and neither prompt nor filter is open over it. */
    isAt(view: string): boolean {
      const { page, shell } = screen.world();
      return (
        page.content.kind === 'table' &&
        screen.view()?.id === view &&
        page.filter === '' &&
        shell.prompt === undefined
      );
    },
    isOnPage: () =>
      screen.world().page.content.kind === 'detail' && screen.world().shell.prompt === undefined,
    hasDialog: () => /esc leaves|enter or esc closes|it is being started/.test(text()),
    /** Waits until nothing on the screen waits for a remote. */
    settled: () =>
      waitFor(
        'the dialog to get its answer',
        async () => {
          await clock.advance(GUARD_MS);
          return !/[⠋⠙⠸⠴⠦⠇] |it is being started|nothing is changed yet/.test(text());
        },
        ANSWER_TIMEOUT_MS,
      ),
    /** Lets the screen take what the sources said meanwhile. */
    takeData: () => clock.advance(REFRESH_MS),
    close: stop,
  };
}
export type BareConsole = ReturnType<typeof openBareConsole>;
