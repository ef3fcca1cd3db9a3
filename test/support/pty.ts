import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
// biome-ignore lint/correctness/noUnresolvedImports: the package is CommonJS; its default export is the module
import xterm from '@xterm/headless';

/** A program in a real pseudo-terminal (util-linux `script`), its screen read through a headless terminal. */
export interface Pty {
  readonly startedAt: number;
  /** What the terminal shows now, one line a row. */
  screen(): string;
  /** Everything written so far. */
  raw(): string;
  write(keys: string): void;
  /** Resolves with the milliseconds since start when the screen passes the test; rejects after `timeoutMs`. */
  until(isReached: (screen: string) => boolean, timeoutMs?: number): Promise<number>;
  readonly exited: Promise<number | undefined>;
  /** Process ids below the terminal, the program's own last. */
  processIds(): readonly number[];
  kill(signal?: NodeJS.Signals): void;
}

export const hasPty = spawnSync('script', ['--version']).status === 0;

/** No program of a test runs longer without saying so. */
const LIMIT_MS = 30_000;

export interface PtyOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The program is ended after this long. */
  readonly limitMs?: number;
}

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

export function startInPty(command: readonly string[], options: PtyOptions = {}): Pty {
  const { columns = 120, rows = 40, environment = process.env, limitMs = LIMIT_MS } = options;
  const term = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  const line = `stty cols ${columns} rows ${rows}; exec ${command.map(quote).join(' ')}`;
  const startedAt = performance.now();
  const child: ChildProcess = spawn('script', ['-qefc', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...environment, TERM: 'xterm-256color', SHELL: '/bin/sh' },
  });
  let raw = '';
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    raw += chunk;
    term.write(chunk, () => {
      for (const check of waiting) check();
    });
  });
  child.stdin?.on('error', () => {});
  const screen = () => {
    const { active } = term.buffer;
    return Array.from(
      { length: term.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    ).join('\n');
  };
  // A program that does not leave is killed, and says what it showed.
  const exited = new Promise<number | undefined>((resolve) => {
    child.once('exit', (code) => resolve(code ?? undefined));
  });
  const limit = setTimeout(() => {
    raw += `\nkilled after ${limitMs} ms`;
    child.kill('SIGHUP');
  }, limitMs);
  void exited.then(() => clearTimeout(limit));
  return {
    startedAt,
    screen,
    raw: () => raw,
    write: (keys) => {
      child.stdin?.write(keys);
    },
    until(isReached, timeoutMs = 15_000) {
      return new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(check);
        };
        const check = () => {
          if (!isReached(screen())) return;
          end();
          resolve(performance.now() - startedAt);
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(`not on the screen after ${timeoutMs} ms:\n${screen()}`));
        }, timeoutMs);
        waiting.add(check);
        check();
      });
    },
    exited,
    processIds() {
      const found = spawnSync('pgrep', ['-P', `${child.pid ?? 0}`], { encoding: 'utf8' });
      return found.stdout.split('\n').filter(Boolean).map(Number);
    },
    kill(signal = 'SIGTERM') {
      child.kill(signal);
    },
  };
}
