import { WebSocket } from 'undici';
import { isTimeout, withDeadline } from '../../core/deadline.ts';
import { listOf, parseObject, recordOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import type { ExecRequest, ExecResult, StreamEnd, StreamRequest } from '../../domain/remote.ts';
import { type Handshake, type Refusal, watchHandshake } from '../socket-handshake.ts';
import { answerError } from './kube-answer.ts';
import type { KubeConnection } from './kube-connection.ts';
import { KubeRequestError, transportError } from './request-error.ts';

/** Both speak of the exit in channel 3; 5 adds the closing of single channels, which a command without stdin has no use for. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const MAX_STATUS = 65_536;
const MAX_MESSAGE = 500;

/**
 * Runs one command in a container through the exec sub-resource. Resolves with what it said, without an exit code
 * where the time, the bytes or the connection ended it. Rejects with a KubeRequestError where it could not be begun,
 * and with the signal's reason when that aborts.
 */
export async function execInPod(
  connection: KubeConnection,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecResult> {
  const deadline = withDeadline(signal, request.timeoutMs);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let bytes = 0;
  const keep = (parts: Buffer[]) => (payload: Buffer) => {
    const kept = payload.subarray(0, request.maxBytes - bytes);
    bytes += kept.length;
    parts.push(kept);
    return kept.length === payload.length;
  };
  const hearing = { onStdout: keep(stdout), onStderr: keep(stderr), deadline, signal };
  const end = await runInPod(connection, request, hearing);
  const stdoutBytes = Buffer.concat(stdout);
  return {
    ...end,
    stdout: stdoutBytes.toString('utf8'),
    stdoutBytes,
    stderr: Buffer.concat(stderr).toString('utf8'),
  };
}

const STDERR_KEPT = 4_096;

export interface StreamHearing {
  readonly onBytes: (bytes: Uint8Array) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/** As {@link execInPod}, but hands over stdout as it comes, for as long as the command runs. */
export async function streamFromPod(
  connection: KubeConnection,
  request: StreamRequest,
  { onBytes, signal }: StreamHearing,
): Promise<StreamEnd> {
  let stderr = Buffer.alloc(0);
  const end = await runInPod(connection, request, {
    onStdout(payload) {
      const taken = onBytes(payload);
      return taken instanceof Promise ? taken.then(() => true) : true;
    },
    onStderr(payload) {
      stderr = Buffer.concat([stderr, payload]).subarray(-STDERR_KEPT);
      return true;
    },
    deadline: signal,
    signal,
  });
  return { ...end, stderr: stderr.toString('utf8') };
}

type CommandEnd = Pick<ExecResult, 'exitCode' | 'notStarted'>;

/** Where the output of a command goes; false is enough of it. While a promise is open nothing more is read. */
interface Hearing {
  readonly onStdout: (payload: Buffer) => boolean | Promise<boolean>;
  readonly onStderr: (payload: Buffer) => boolean;
  /** The signal and, where there is one, the time limit. */
  readonly deadline: AbortSignal;
  readonly signal: AbortSignal;
}

async function runInPod(
  connection: KubeConnection,
  { namespace, pod, container, argv }: StreamRequest,
  hearing: Hearing,
): Promise<CommandEnd> {
  const { signal, deadline } = hearing;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec`;
  const what = `exec ${argv[0] ?? ''} in ${namespace}/${pod}`;
  const { address, outlet, now } = await connection.socketOutlet({ path, signal: deadline });
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
  for (const argument of argv) query.append('command', argument);
  address.search = query.toString();
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const handshake: Handshake = {};
  const dispatcher = watchHandshake(outlet, handshake);
  const socket = new WebSocket(address, { protocols: PROTOCOLS, dispatcher });
  try {
    return await converse(socket, hearing, (isHeld) => handshake.hold?.(isHeld));
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    if (handshake.refusal !== undefined) throw refusalError(handshake.refusal, { what, now });
    throw transportError(what, handshake.error ?? thrown);
  }
}

function refusalError(
  { body, ...head }: Refusal,
  told: { readonly what: string; readonly now: number },
): KubeRequestError {
  const error = answerError(body, head, told);
  const isRefused = head.status === 400 || head.status === 403;
  if (!isRefused) return error;
  const code = head.status === 403 ? 'PERMISSION_DENIED' : 'ACTION_IMPOSSIBLE';
  return new KubeRequestError(code, error.message, { status: head.status });
}

/** Reads the channels until the socket closes; the answer is how it ended. Rejects when it never opened. */
function converse(
  socket: WebSocket,
  { onStdout, onStderr, deadline }: Hearing,
  hold: (isHeld: boolean) => void,
): Promise<CommandEnd> {
  let status = '';
  let isOpen = false;
  let isEnded = false;
  let isHeld = false;
  let hasClosed = false;
  /** What came before the connection stood still. */
  let waiting: Buffer[] = [];
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve, reject) => {
    const finish = () => {
      isEnded = true;
      waiting = [];
      deadline.removeEventListener('abort', stop);
      if (socket.readyState === WebSocket.OPEN) socket.close(1_000);
      hold(false);
    };
    const tell = () => {
      if (isEnded) return;
      finish();
      resolve(endOf(status));
    };
    const fail = (error: unknown) => {
      if (isEnded) return;
      finish();
      reject(error);
    };
    const stop = () => {
      // What a tool said before its time was over is still worth having.
      if (isOpen && isTimeout(deadline.reason)) tell();
      else fail(deadline.reason);
      socket.close();
    };
    const takeStdout = (payload: Buffer) => {
      const isWanted = onStdout(payload);
      if (isWanted === false) tell();
      if (!(isWanted instanceof Promise)) return;
      isHeld = true;
      hold(true);
      isWanted.then((goesOn) => {
        isHeld = false;
        if (!goesOn) tell();
        takeWaiting();
      }, fail);
    };
    const take = (message: Buffer) => {
      const payload = message.subarray(1);
      const channel = message[0];
      if (channel === STATUS) status = payload.toString('utf8').slice(0, MAX_STATUS);
      if (channel === STDOUT) takeStdout(payload);
      if (channel === STDERR && !onStderr(payload)) tell();
    };
    const takeWaiting = () => {
      while (!isHeld && !isEnded) {
        const message = waiting.shift();
        if (message === undefined) break;
        take(message);
      }
      if (isHeld || isEnded) return;
      hold(false);
      if (hasClosed) tell();
    };
    deadline.addEventListener('abort', stop, { once: true });
    socket.addEventListener('open', () => {
      isOpen = true;
    });
    socket.addEventListener('message', ({ data }) => {
      if (isEnded || !(data instanceof ArrayBuffer)) return;
      const message = Buffer.from(data);
      if (isHeld) waiting.push(message);
      else take(message);
    });
    const close = () => {
      hasClosed = true;
      if (!isHeld) tell();
    };
    socket.addEventListener('error', (event) => {
      if (isOpen) close();
      else fail(event.error instanceof Error ? (event.error.cause ?? event.error) : new Error(event.message));
    });
    socket.addEventListener('close', close);
    if (deadline.aborted) stop();
  });
}

/** How it ended by the Status in channel 3, which tells either an exit code or why the command was not started. */
function endOf(text: string): CommandEnd {
  const status = parseObject(text);
  if (status?.['status'] === 'Success') return { exitCode: 0 };
  for (const entry of listOf(recordOf(status?.['details'])['causes'])) {
    const { reason, message } = recordOf(entry);
    if (reason === 'ExitCode' && typeof message === 'string' && /^\d{1,3}$/.test(message))
      return { exitCode: Number(message) };
  }
  const message = status?.['message'];
  return typeof message === 'string'
    ? { exitCode: undefined, notStarted: cleanLine(message, MAX_MESSAGE) }
    : { exitCode: undefined };
}
