import type { Dispatcher } from 'undici';
import type { Clock } from '../../../core/clock.ts';
import { withDeadline } from '../../../core/deadline.ts';
import { recordOf, stringOf } from '../../../core/json-read.ts';
import { Secret } from '../../../core/secret.ts';
import type { JsonObject } from '../../../domain/call.ts';
import { appError } from '../../../domain/errors.ts';
import type { EcsExecEnd, EcsExecRequest, EcsExecResult, EcsStreamRequest } from '../../../domain/remote.ts';
import { toAppError } from '../../http-error.ts';
import { commandLine } from './command-line.ts';
import { runSession, type SocketEnd } from './session-socket.ts';
import { createTerminalText } from './terminal-text.ts';

/** What running a command in a task needs of its connection. */
export interface ExecConnection {
  readonly clock: Clock;
  /** Asks ECS for a session. Rejects with an AppError that says what the task lacks. */
  execute(input: JsonObject, signal: AbortSignal): Promise<JsonObject>;
  /** The way the session's socket takes, behind proxies and with the authorities of the API's own. */
  outlet(): Promise<Dispatcher>;
  /** The API is asked without TLS (an endpoint given on the command line), so its sessions may be too. */
  readonly isPlain: boolean;
}

/** How words sound with which the agent says that there was nothing to run. */
const NOT_STARTED = /unable to start command|failed to start pty|executable file not found|fork\/exec/i;

/** What clients print of a session that ended by itself. */
const ORDERLY = /^exiting session\b/i;

/**
 * Runs one command in a container of a task. Resolves with what it said; rejects with an AppError where no session
 * could be had, and with the signal's reason when that aborts.
 */
export async function execInTask(
  connection: ExecConnection,
  request: EcsExecRequest,
  signal: AbortSignal,
): Promise<EcsExecResult> {
  const kept: Buffer[] = [];
  let bytes = 0;
  const text = createTerminalText();
  const keep = (piece: Buffer): boolean => {
    const plain = text.push(piece);
    const wanted = plain.subarray(0, request.maxBytes - bytes);
    bytes += wanted.length;
    kept.push(wanted);
    return wanted.length === plain.length;
  };
  const deadline = withDeadline(signal, request.timeoutMs);
  const end = await run(connection, request, { onBytes: keep, deadline, signal });
  keep(text.end());
  const outputBytes = Buffer.concat(kept);
  return { ...end, output: outputBytes.toString('utf8'), outputBytes };
}

/** As {@link execInTask}, but hands over the output as it comes and waits for who takes it. */
export async function streamFromTask(
  connection: ExecConnection,
  request: EcsStreamRequest,
  {
    onBytes,
    signal,
  }: {
    readonly onBytes: (bytes: Uint8Array) => void | Promise<void>;
    readonly signal: AbortSignal;
  },
): Promise<EcsExecEnd> {
  const text = createTerminalText();
  const end = await run(connection, request, {
    async onBytes(piece) {
      await onBytes(text.push(piece));
      return true;
    },
    deadline: signal,
    signal,
  });
  const rest = text.end();
  if (rest.length > 0) await onBytes(rest);
  return end;
}

interface Hearing {
  readonly onBytes: (bytes: Buffer) => boolean | Promise<boolean>;
  readonly deadline: AbortSignal;
  readonly signal: AbortSignal;
}

async function run(
  connection: ExecConnection,
  { cluster, task, container, argv }: EcsStreamRequest,
  hearing: Hearing,
): Promise<EcsExecEnd> {
  const what = `exec ${argv[0] ?? ''} in ${cluster}/${task} (${container})`;
  const command = commandLine(argv);
  const input = { cluster, task, container, interactive: true, command };
  const answer = await connection.execute(input, hearing.deadline).catch((thrown: unknown) => {
    hearing.signal.throwIfAborted();
    throw toAppError(thrown, what);
  });
  const { url, token } = readSession(answer, { what, isPlain: connection.isPlain });
  const outlet = await connection.outlet();
  const { clock } = connection;
  return endOf(await runSession({ url, token, outlet, clock, what, ...hearing }), what);
}

function readSession(
  answer: JsonObject,
  { what, isPlain }: { readonly what: string; readonly isPlain: boolean },
): { readonly url: URL; readonly token: Secret } {
  const session = recordOf(answer['session']);
  const streamUrl = stringOf(session['streamUrl']);
  const token = stringOf(session['tokenValue']);
  if (streamUrl === undefined || token === undefined || !URL.canParse(streamUrl))
    throw appError('UNEXPECTED_ANSWER', `${what}: ECS gave no session`);
  const url = new URL(streamUrl);
  const isSafe = url.protocol === 'wss:' || (isPlain && url.protocol === 'ws:');
  // The token opens a shell: it goes nowhere that anybody else could read it.
  if (!isSafe || url.username !== '' || url.password !== '')
    throw appError('UNEXPECTED_ANSWER', `${what}: the session’s address is no wss:// URL`);
  return { url, token: new Secret(token) };
}

function endOf(end: SocketEnd, what: string): EcsExecEnd {
  if (end.how !== 'closed') return { exitCode: undefined, hasEnded: false };
  const { isWhole, words, exitCode } = end.end;
  if (words === '' || ORDERLY.test(words)) return { exitCode, hasEnded: isWhole };
  if (NOT_STARTED.test(words)) return { exitCode: undefined, hasEnded: false, notStarted: words };
  throw appError('REMOTE_ERROR', `${what}: the session ended: ${words}`, {
    hint: 'Read what the task’s agent said; stop the task or free its /tmp if it stays.',
  });
}
