import { appError } from '../../src/domain/errors.ts';
import type { ExecResult } from '../../src/domain/remote.ts';
import type { RunCommand } from '../../src/sources/container-commands.ts';
import type { StreamCommand } from '../../src/sources/telemetry/probe/jstat-run.ts';

/** What a command gives: text, bytes, or how it fails. */
export type FakeAnswer = string | Uint8Array | Partial<ExecResult> | Error;

export const NO_FILE: FakeAnswer = { exitCode: 1, stderr: 'cat: x: No such file or directory\n' };
export const DENIED: FakeAnswer = { exitCode: 1, stderr: 'cat: x: Permission denied\n' };
export const CUT: FakeAnswer = { exitCode: undefined };
export const NO_CAT: FakeAnswer = {
  exitCode: undefined,
  notStarted: 'Internal error occurred: exec: "cat": executable file not found in $PATH: unknown',
};
export const FORBIDDEN = appError(
  'PERMISSION_DENIED',
  'exec cat in shop/was-1: cannot create resource "pods/exec"',
);

/** `/proc/PID/stat` of a Java process. */
export const statOf = (pid: number, startTicks: number, cpuTicks = 100, program = 'java'): string =>
  `${pid} (${program}) S 1 1 1 0 -1 4194560 5000 0 0 0 ${cpuTicks} 0 0 0 20 0 40 0 ${startTicks} 4000000 150\n`;

export interface FakeContainer {
  readonly answers: Record<string, FakeAnswer>;
  readonly asked: readonly string[];
  readonly streams: readonly string[];
  /** What the next `jstat` says, and how it ends. */
  readonly jstat: {
    lines: readonly string[];
    end: { exitCode?: number; stderr?: string; notStarted?: string };
  };
  readonly run: RunCommand;
  readonly stream: StreamCommand;
}

/** A container that answers commands as its map says; what is not in it is not there. */
export function createFakeContainer(answers: Record<string, FakeAnswer> = {}): FakeContainer {
  const asked: string[] = [];
  const streams: string[] = [];
  const jstat: FakeContainer['jstat'] = { lines: [], end: {} };
  return {
    answers,
    asked,
    streams,
    jstat,
    async run(argv, _limits, signal) {
      signal.throwIfAborted();
      const command = argv.join(' ');
      asked.push(command);
      const answer = answers[command] ?? NO_FILE;
      if (answer instanceof Error) throw answer;
      if (typeof answer === 'string' || answer instanceof Uint8Array) {
        const stdoutBytes = Buffer.from(answer);
        return { exitCode: 0, stdout: stdoutBytes.toString('utf8'), stdoutBytes, stderr: '' };
      }
      return { exitCode: 0, stdout: '', stdoutBytes: new Uint8Array(), stderr: '', ...answer };
    },
    async stream(argv, onBytes, signal) {
      signal.throwIfAborted();
      streams.push(argv.join(' '));
      for (const line of jstat.lines) onBytes(Buffer.from(line));
      return { exitCode: 0, stderr: '', ...jstat.end };
    },
  };
}
