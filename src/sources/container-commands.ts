import { AppError, describeThrown } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { cleanLine } from '../core/text.ts';
import { ERRORS, isErrorCode, sourceFailure } from '../domain/errors.ts';
import type { ExecResult } from '../domain/remote.ts';
import { maskWords } from '../domain/secret-name.ts';
import type { SourceFailure } from '../domain/source-status.ts';

export interface CommandLimits {
  readonly timeoutMs: number;
  /** Of what it says. */
  readonly maxBytes: number;
}
/** Runs one command of the list in the server's container. Rejects with an AppError, or with the signal's reason. */
export type RunCommand = (
  argv: readonly string[],
  limits: CommandLimits,
  signal: AbortSignal,
) => Promise<ExecResult>;

/** What a command that reads gave. */
export type Said =
  | { readonly kind: 'said'; readonly bytes: Uint8Array }
  /** There is no such file or folder. */
  | { readonly kind: 'absent' }
  /** The user commands run as may not read it. */
  | { readonly kind: 'denied'; readonly message: string }
  /** The tool itself is not in the container. */
  | { readonly kind: 'noTool'; readonly tool: string }
  | { readonly kind: 'failed'; readonly failure: SourceFailure };

/** Reads files and folders of one container, one short command each. Never rejects but when the signal aborts. */
export interface ContainerCommands {
  read(path: string, maxBytes: number, signal: AbortSignal): Promise<Said>;
  list(path: string, signal: AbortSignal): Promise<Said>;
  /** Any other command of the list that reads. */
  ask(argv: readonly string[], limits: CommandLimits, signal: AbortSignal): Promise<Said>;
  /** Commands so far. */
  readonly count: number;
}

const TIMEOUT_MS = 10_000;
const LIST: CommandLimits = { timeoutMs: TIMEOUT_MS, maxBytes: 262_144 };
const KILLED = 137;
/** A shell's and a runtime's word for what cannot be run and for what is not there. */
const NO_TOOL_CODES: readonly (number | undefined)[] = [126, 127];
const NO_TOOL = /executable file not found|no such file or directory|permission denied|not found in \$PATH/i;
/** True where the tool itself is not in the container. */
export const isNoTool = ({ exitCode, notStarted }: Pick<ExecResult, 'exitCode' | 'notStarted'>): boolean =>
  notStarted === undefined ? NO_TOOL_CODES.includes(exitCode) : NO_TOOL.test(notStarted);
/** Tools speak the language of their container. */
const ABSENT = /no such file|cannot access .*: no such|그런 파일이나/i;
const DENIED = /permission denied|operation not permitted|허가 거부|허용되지 않/i;

export function createContainerCommands({
  run,
  name,
  clock,
}: {
  readonly run: RunCommand;
  /** The container, for messages: `shop/was-1 (lena-was)`. */
  readonly name: string;
  readonly clock: Clock;
}): ContainerCommands {
  let count = 0;

  async function ask(argv: readonly string[], limits: CommandLimits, signal: AbortSignal): Promise<Said> {
    const startedAt = clock.now();
    count++;
    try {
      const result = await run(argv, { ...limits, maxBytes: limits.maxBytes + 1 }, signal);
      return saidBy(result, { argv, limits, ms: clock.now() - startedAt, name });
    } catch (thrown) {
      signal.throwIfAborted();
      return { kind: 'failed', failure: thrownFailure(thrown, name) };
    }
  }
  return {
    read: (path, maxBytes, signal) => ask(['cat', path], { timeoutMs: TIMEOUT_MS, maxBytes }, signal),
    list: (path, signal) => ask(['ls', '-1', path], LIST, signal),
    ask,
    get count() {
      return count;
    },
  };
}

interface Asked {
  readonly argv: readonly string[];
  readonly limits: CommandLimits;
  readonly ms: number;
  readonly name: string;
}

/** What became of a command, by its exit code and its words. */
function saidBy(result: ExecResult, asked: Asked): Said {
  const { exitCode, stdoutBytes, stderr, notStarted } = result;
  const { argv, limits, name } = asked;
  const [tool = ''] = argv;
  const command = argv.join(' ');
  const failed = (code: 'TIMEOUT' | 'CONNECTION_LOST' | 'REMOTE_ERROR', why: string): Said => ({
    kind: 'failed',
    failure: sourceFailure(code, `${command} in ${name}: ${why}`),
  });
  if (isNoTool(result)) return { kind: 'noTool', tool };
  if (notStarted !== undefined) return failed('REMOTE_ERROR', lineOf(notStarted));
  if (stdoutBytes.length > limits.maxBytes)
    return failed('REMOTE_ERROR', `more than ${Math.floor(limits.maxBytes / 1_024)} KiB`);
  if (exitCode === undefined && asked.ms >= limits.timeoutMs)
    return failed('TIMEOUT', `no end within ${limits.timeoutMs / 1_000} s`);
  if (exitCode === undefined || exitCode === KILLED)
    return failed('CONNECTION_LOST', 'it ended in the middle (the container or the connection went)');
  if (exitCode === 0) return { kind: 'said', bytes: stdoutBytes };
  const [first = ''] = stderr.split('\n');
  if (ABSENT.test(stderr)) return { kind: 'absent' };
  if (DENIED.test(stderr)) return { kind: 'denied', message: lineOf(first) };
  return failed('REMOTE_ERROR', `${lineOf(first) || 'it said nothing'} (exit ${exitCode})`);
}

const lineOf = (said: string): string => maskWords(cleanLine(said, 300));

const EXEC_HINT =
  'Commands are run in the container: ask for `create` on `pods/exec` (and `get`, which a WebSocket asks for).';

/** What was thrown, as a failure that says what may be done. */
export function thrownFailure(thrown: unknown, name: string): SourceFailure {
  if (!(thrown instanceof AppError)) {
    return sourceFailure('INTERNAL', `reading ${name}: ${maskWords(cleanLine(describeThrown(thrown), 500))}`);
  }
  const { code, message, hint } = thrown;
  const said = maskWords(cleanLine(message, 500));
  // Who knows better what is to be done has said so.
  const isTold = isErrorCode(code) && hint !== ERRORS[code].hint;
  switch (isTold ? undefined : code) {
    case 'PERMISSION_DENIED':
    case 'FORBIDDEN':
      return { code, message: said, hint: EXEC_HINT };
    case 'NOT_FOUND':
      return { code, message: said, hint: 'The pod is gone; its successor is read once it runs.' };
    case 'ACTION_IMPOSSIBLE':
      return { code, message: said, hint: 'The container does not run now; it is tried again.' };
    default:
      return { code, message: said, hint };
  }
}
