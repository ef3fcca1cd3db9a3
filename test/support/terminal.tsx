import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
// biome-ignore lint/correctness/noUnresolvedImports: the package is CommonJS; its default export is the module
import xterm from '@xterm/headless';
import { render } from 'ink';
import type { ReactNode } from 'react';

/** A terminal's input: a real stream that also says it is a tty. */
class TerminalInput extends PassThrough {
  readonly isTTY = true;
  setRawMode(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

const KEYS: Readonly<Record<string, string>> = {
  '<up>': '\u001B[A',
  '<down>': '\u001B[B',
  '<right>': '\u001B[C',
  '<left>': '\u001B[D',
  '<shift-right>': '\u001B[1;2C',
  '<shift-left>': '\u001B[1;2D',
  '<pgup>': '\u001B[5~',
  '<pgdn>': '\u001B[6~',
  '<home>': '\u001B[H',
  '<end>': '\u001B[F',
  '<enter>': '\r',
  '<esc>': '\u001B',
  '<tab>': '\t',
  '<backspace>': '\u007F',
  '<c-space>': '\u0000',
  '<c-\\>': '\u001C',
};

/** `<c-r>` and the like; anything else is typed as it stands. */
function bytesOf(key: string): string {
  const control = /^<c-([a-z])>$/.exec(key)?.[1];
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) - 0x60);
  return KEYS[key] ?? key;
}

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Called with everything the console writes, as it writes it. */
  readonly onWrite?: (data: string) => void;
}

/** Runs a component on a headless terminal; every call waits until the screen is idle, none sleeps. */
export async function launch(node: ReactNode, { columns = 80, rows = 24, onWrite }: TerminalOptions = {}) {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  const stdin = new TerminalInput();
  let written = '';
  let bytes = 0;
  let frames = 0;
  let isClosed = false;
  class TerminalOutput extends EventEmitter {
    readonly isTTY = true;
    get columns() {
      return terminal.cols;
    }
    get rows() {
      return terminal.rows;
    }
    write(data: string, done?: unknown): boolean {
      bytes += Buffer.byteLength(data);
      if (onWrite === undefined) written += data;
      else onWrite(data);
      terminal.write(data, () => {
        if (typeof done === 'function') done();
      });
      return true;
    }
  }
  const stdout = new TerminalOutput();
  const app = render(node, {
    stdout: stdout as never,
    stdin: stdin as never,
    stderr: stdout as never,
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    patchConsole: false,
    exitOnCtrlC: false,
    maxFps: 1_000,
    onRender: () => {
      frames++;
    },
  });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const idle = async () => {
    for (let quiet = 0, seen = frames; quiet < 3; seen = frames) {
      await turn();
      await app.waitUntilRenderFlush();
      quiet = frames === seen && stdin.readableLength === 0 ? quiet + 1 : 0;
    }
    await new Promise<void>((resolve) => terminal.write('', resolve));
  };
  await idle();
  const lines = (): string[] =>
    Array.from(
      { length: terminal.rows },
      (_, y) =>
        terminal.buffer.active.getLine(terminal.buffer.active.baseY + y)?.translateToString(true) ?? '',
    );
  const screen = () => lines().join('\n').trimEnd();
  const send = async (data: string) => {
    stdin.write(data);
    await idle();
  };
  /** Waits for a condition that needs a timer of the terminal's own, e.g. a lone `esc`. */
  const until = async (condition: () => boolean, what: string, timeoutMs = 2_000) => {
    const endAt = Date.now() + timeoutMs;
    for (;;) {
      await idle();
      if (condition()) return;
      if (Date.now() > endAt) throw new Error(`Waited in vain for ${what}:\n${screen()}`);
    }
  };
  return {
    app,
    idle,
    lines,
    screen,
    until,
    /** Sends keys one chunk each; one string of several characters is fast typing. */
    async press(...keys: string[]) {
      for (const key of keys) {
        if (key === '<esc>') {
          const before = frames;
          stdin.write(bytesOf(key));
          await until(() => frames > before, 'esc to be taken');
        } else {
          await send(bytesOf(key));
        }
      }
    },
    /** Sends raw bytes as one chunk. */
    send,
    /** Sends raw bytes and does not wait. */
    type: (data: string) => stdin.write(data),
    paste: (text: string) => send(`\u001B[200~${text}\u001B[201~`),
    async resize(nextColumns: number, nextRows: number) {
      terminal.resize(nextColumns, nextRows);
      stdout.emit('resize');
      await idle();
    },
    /** Everything ever sent to the terminal. */
    written: () => written,
    stats: () => ({ bytes, frames }),
    /** SGR attributes of one cell: is it coloured, inverse? */
    cell(x: number, y: number) {
      const cell = terminal.buffer.active.getLine(terminal.buffer.active.baseY + y)?.getCell(x);
      return {
        text: cell?.getChars() ?? '',
        isInverse: cell?.isInverse() !== 0,
        isDefaultColour: cell?.isFgDefault() === true,
      };
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      app.unmount();
      terminal.dispose();
    },
  };
}
export type HeadlessTerminal = Awaited<ReturnType<typeof launch>>;
