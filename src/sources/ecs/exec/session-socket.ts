import { type Dispatcher, WebSocket } from 'undici';
import type { Clock } from '../../../core/clock.ts';
import { isTimeout } from '../../../core/deadline.ts';
import type { Secret } from '../../../core/secret.ts';
import { appError } from '../../../domain/errors.ts';
import { toAppError } from '../../http-error.ts';
import { type Handshake, watchHandshake } from '../../socket-handshake.ts';
import { type SessionEnd, SessionTalk } from './session-talk.ts';

export interface SessionSocketOptions {
  readonly url: URL;
  readonly token: Secret;
  readonly outlet: Dispatcher;
  readonly clock: Clock;
  /** As messages name it, e.g. `exec jcmd in prod/1f2e… (was)`. */
  readonly what: string;
  /** Takes the next bytes of the command; false is enough of it. */
  readonly onBytes: (bytes: Buffer) => boolean | Promise<boolean>;
  /** The signal and, where there is one, the time limit. */
  readonly deadline: AbortSignal;
  readonly signal: AbortSignal;
}
/** How a session ended: the agent said so, we had enough or no more time, or the connection was gone. */
export type SocketEnd =
  | { readonly how: 'closed'; readonly end: SessionEnd }
  | { readonly how: 'enough' | 'lost' };

/** Until the other side has said its first word. A task's agent needs some seconds to begin a session. */
const FIRST_WORD_MS = 30_000;
/** Output that waits for who takes it; beyond it nothing is acknowledged, and so sent again. */
const MAX_QUEUED_BYTES = 4 * 2 ** 20;

/**
 * Runs one session over its socket. Rejects with an AppError where it does not open or is not understood, with what
 * `onBytes` rejected with, and with the signal's reason when that aborts; then the command is interrupted.
 */
export async function runSession(options: SessionSocketOptions): Promise<SocketEnd> {
  const { url, outlet, what, signal, deadline } = options;
  const handshake: Handshake = {};
  const socket = new WebSocket(url, { dispatcher: watchHandshake(outlet, handshake) });
  try {
    return await converse(socket, options);
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    // Closing it for the time limit is no failure of the handshake.
    if (thrown === deadline.reason) throw toAppError(thrown, what);
    if (handshake.refusal !== undefined) throw refused(handshake.refusal.status, what);
    throw toAppError(handshake.error ?? thrown, what);
  }
}

function refused(status: number, what: string) {
  if (status === 401 || status === 403)
    return appError('PERMISSION_DENIED', `${what}: the session’s channel was refused (HTTP ${status})`);
  return appError('UNEXPECTED_ANSWER', `${what}: HTTP ${status} instead of the session’s channel`);
}

function converse(socket: WebSocket, options: SessionSocketOptions): Promise<SocketEnd> {
  const { clock, deadline, onBytes, token, what } = options;
  let queuedBytes = 0;
  let isWanted = true;
  let taking: Promise<void> = Promise.resolve();
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve, reject) => {
    let isEnded = false;
    const finish = () => {
      isEnded = true;
      cancelFirstWord();
      deadline.removeEventListener('abort', stop);
      socket.close();
    };
    /** What was taken before the end still reaches who asked for it. */
    const tell = (end: SocketEnd) => {
      if (isEnded) return;
      finish();
      taking.then(() => resolve(end), reject);
    };
    const fail = (error: unknown) => {
      isWanted = false;
      if (isEnded) return;
      talk.interrupt();
      finish();
      reject(error);
    };
    const stop = () => {
      // What a tool said before its time was over is still worth having.
      if (!isTimeout(deadline.reason) || !talk.hasHeard) {
        fail(deadline.reason);
        return;
      }
      talk.interrupt();
      tell({ how: 'enough' });
    };
    const talk = new SessionTalk({
      clock,
      what,
      send(message) {
        if (socket.readyState === WebSocket.OPEN) socket.send(message);
      },
      hasRoom: () => queuedBytes < MAX_QUEUED_BYTES,
      onOutput(bytes) {
        queuedBytes += bytes.length;
        taking = taking.then(async () => {
          if (!isWanted) return;
          isWanted = await onBytes(bytes);
          queuedBytes -= bytes.length;
          if (isWanted) return;
          talk.interrupt();
          tell({ how: 'enough' });
        });
        taking.catch(fail);
      },
      onClosed: (end) => tell({ how: 'closed', end }),
      onFailure: fail,
    });
    const cancelFirstWord = clock.after(FIRST_WORD_MS, () => {
      if (!talk.hasHeard)
        fail(appError('TIMEOUT', `${what}: the task’s agent said nothing in ${FIRST_WORD_MS / 1_000} s`));
    });
    deadline.addEventListener('abort', stop, { once: true });
    socket.addEventListener('open', () => talk.open(token));
    socket.addEventListener('message', ({ data }) => {
      if (!isEnded && data instanceof ArrayBuffer) talk.take(Buffer.from(data));
    });
    socket.addEventListener('error', (event) => {
      if (talk.hasHeard) lose();
      else fail(event.error instanceof Error ? (event.error.cause ?? event.error) : new Error(event.message));
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (talk.hasHeard) lose();
      else fail(appError('CONNECTION_LOST', closedWords(what, code, reason)));
    });
    const lose = () => {
      talk.stop();
      tell({ how: 'lost' });
    };
    if (deadline.aborted) stop();
  });
}

const closedWords = (what: string, code: number, reason: string): string =>
  `${what}: the session was closed before it began (${code}${reason === '' ? '' : `, ${reason}`})`;
