import { spawn } from 'node:child_process';
import { systemCode } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import { appError } from '../../domain/errors.ts';
import type { Environment } from './kubeconfig.ts';
import { maskMessage } from './mask.ts';

export interface HelperOptions {
  /** How messages call it. */
  readonly what: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Set for it besides the environment. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** @default 20000 */
  readonly timeoutMs?: number | undefined;
  /** What to do where it is missing, as the kubeconfig says. */
  readonly installHint?: string | null | undefined;
}

const MAX_OUTPUT_BYTES = 2 ** 20;
const MAX_AT_ONCE = 4;

/** One queue for the whole process: twenty contexts must not start twenty cloud command lines at once. */
let running = 0;
const waiting: (() => void)[] = [];

async function takeTurn(signal: AbortSignal): Promise<() => void> {
  if (running < MAX_AT_ONCE) running++;
  else {
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        const index = waiting.indexOf(go);
        if (index >= 0) waiting.splice(index, 1);
        reject(signal.reason);
      };
      if (signal.aborted) reject(signal.reason);
      else {
        waiting.push(go);
        signal.addEventListener('abort', leave, { once: true });
      }
    });
  }
  return () => {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  };
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  readonly end: 'exit' | 'timeout' | 'aborted' | 'flood';
}

/**
 * Stdin closed, and a session of its own: without a controlling terminal a plugin cannot open /dev/tty and prompt
 * in the middle of the console. The whole group is killed at the end of its time.
 */
function runProcess(options: HelperOptions): Promise<Outcome> {
  const { command, args, variables, environment, clock, signal, timeoutMs = 20_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, ...variables },
      detached: true,
      windowsHide: true,
    });
    let end: Outcome['end'] = 'exit';
    let bytes = 0;
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const kill = (why: Outcome['end']) => {
      end = why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const abort = () => kill('aborted');
    const cancelTimer = clock.after(timeoutMs, () => kill('timeout'));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_OUTPUT_BYTES) kill('flood');
        else output[name].push(chunk);
      });
    }
    const finish = () => {
      cancelTimer();
      signal.removeEventListener('abort', abort);
    };
    child.on('error', (error) => {
      finish();
      reject(error);
    });
    child.on('close', (exitCode) => {
      finish();
      resolve({
        stdout: Buffer.concat(output.stdout).toString('utf8'),
        stderr: Buffer.concat(output.stderr).toString('utf8'),
        exitCode: exitCode ?? undefined,
        end,
      });
    });
  });
}

const lastLine = (text: string): string => text.trimEnd().split(/\r?\n/).at(-1) ?? '';

/** Runs a helper that prints credentials and returns its stdout; at most four at a time in this process. */
export async function runHelper(options: HelperOptions): Promise<string> {
  const { what } = options;
  const release = await takeTurn(options.signal);
  try {
    const outcome = await runProcess(options);
    const said = maskMessage(lastLine(outcome.stderr), 200);
    switch (outcome.end) {
      case 'aborted':
        throw options.signal.reason;
      case 'timeout':
        throw appError(
          'EXEC_PLUGIN_FAILED',
          `${what} did not finish within ${(options.timeoutMs ?? 20_000) / 1_000} s${said === '' ? '' : `: ${said}`}`,
        );
      case 'flood':
        throw appError('EXEC_PLUGIN_FAILED', `${what} wrote more than 1 MiB`);
      case 'exit':
        if (outcome.exitCode !== 0) {
          throw appError(
            'EXEC_PLUGIN_FAILED',
            `${what} ended with exit code ${outcome.exitCode ?? 'unknown'}${said === '' ? '' : `: ${said}`}`,
          );
        }
        return outcome.stdout;
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'EACCES') {
      throw appError('EXEC_PLUGIN_MISSING', `${what} is not installed or not executable`, {
        cause: error,
        ...(options.installHint && { hint: maskMessage(lastLine(options.installHint), 200) }),
      });
    }
    throw error;
  } finally {
    release();
  }
}
