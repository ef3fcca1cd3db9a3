import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { AppError, describeThrown, systemCode } from '../../../core/app-error.ts';
import { withDeadline } from '../../../core/deadline.ts';
import type { DumpPeer } from '../../../domain/dump.ts';
import type { DumpTaking, TakenDump } from '../../../domain/dump-way.ts';
import { appError, isErrorCode } from '../../../domain/errors.ts';
import {
  ASK_VERSION,
  type DumpOrder,
  type FromOwner,
  framesFromOwner,
  type ToOwner,
} from '../../../wire/dump-channel/asks.ts';
import { type ChannelFrame, encodeJson } from '../../../wire/dump-channel/frames.ts';
import { checkDirectory, type SocketDirectory, type UserId } from '../../socket-directory.ts';
import { connectTo } from '../../socket-listener.ts';
import { dumpSocketFileOf } from './dump-socket-file.ts';
import type { PeerListener } from './peer-book.ts';

export interface OwnerClientOptions {
  readonly lookIn: readonly SocketDirectory[];
  readonly uid: UserId;
  readonly port: number;
}
/** What the owner said of its peers, or why there is nobody to ask. */
export type OwnerPeers =
  | { readonly state: 'told'; readonly peers: readonly DumpPeer[] }
  /** It is another user's. */
  | { readonly state: 'denied'; readonly file: string }
  | { readonly state: 'absent' }
  | { readonly state: 'failed'; readonly error: AppError };

const LOOK_MS = 2_000;

/** Asks the process of this host that owns the port. */
export class OwnerClient {
  readonly #options: OwnerClientOptions;

  constructor(options: OwnerClientOptions) {
    this.#options = options;
  }
  /** Never rejects but with the signal's reason. */
  async peers(signal: AbortSignal): Promise<OwnerPeers> {
    const peers = new Map<string, DumpPeer>();
    const opened = await this.#open(signal);
    if (!('socket' in opened)) return opened;
    try {
      const whole = withDeadline(signal, LOOK_MS);
      const asked: ToOwner = { type: 'look', version: ASK_VERSION, isWatch: false };
      for await (const frame of framesOf(opened.socket, asked, whole)) {
        const message = frame.kind === 'message' ? frame.message : undefined;
        if (message?.type === 'peers') keep(peers, message.put, message.drop);
        else if (message?.type === 'ready') return { state: 'told', peers: [...peers.values()] };
        else if (message?.type === 'error') return { state: 'failed', error: errorOf(message) };
      }
      return { state: 'absent' };
    } catch (error) {
      signal.throwIfAborted();
      return { state: 'failed', error: asAppError(error) };
    }
  }
  /** Tells of the owner's peers, all at first, until it ends or the signal aborts; false where there was nobody. */
  async watch(listener: PeerListener, signal: AbortSignal): Promise<boolean> {
    const opened = await this.#open(signal).catch(() => undefined);
    if (opened === undefined || !('socket' in opened)) return false;
    const asked: ToOwner = { type: 'look', version: ASK_VERSION, isWatch: true };
    try {
      for await (const frame of framesOf(opened.socket, asked, signal)) {
        if (frame.kind !== 'message') continue;
        if (frame.message.type === 'peers') listener(frame.message.put, frame.message.drop);
        else if (frame.message.type === 'error') return false;
      }
    } catch {
      // It ended; whoever watches looks again.
    }
    return true;
  }
  /** Rejects with what the owner's taking rejected with. */
  async take(order: DumpOrder, taking: DumpTaking): Promise<TakenDump> {
    const opened = await this.#open(taking.signal);
    if (!('socket' in opened)) throw noOwner();
    const asked: ToOwner = { type: 'take', version: ASK_VERSION, order };
    for await (const frame of framesOf(opened.socket, asked, taking.signal)) {
      if (frame.kind === 'bytes') {
        await taking.write(frame.bytes);
        continue;
      }
      const { message } = frame;
      if (message.type === 'progress') taking.report(message.detail);
      else if (message.type === 'error') throw errorOf(message);
      else if (message.type === 'done') {
        return { how: message.how, missing: message.missing, sha256: message.sha256 };
      }
    }
    throw appError('CONNECTION_LOST', 'the process that owns the port left before the dump was whole');
  }
  /** The first directory whose owner answers. */
  async #open(
    signal: AbortSignal,
  ): Promise<{ readonly socket: Socket } | Exclude<OwnerPeers, { state: 'told' }>> {
    const { lookIn, uid, port } = this.#options;
    let denied: string | undefined;
    for (const directory of lookIn) {
      if (checkDirectory(directory, uid) !== 'usable') continue;
      const file = dumpSocketFileOf(directory.path, port);
      if (!existsSync(file)) continue;
      try {
        return { socket: await connectTo(file, signal) };
      } catch (error) {
        signal.throwIfAborted();
        if (systemCode(error) === 'EACCES') denied ??= file;
      }
    }
    return denied === undefined ? { state: 'absent' } : { state: 'denied', file: denied };
  }
}

/** Frames of the answer, read as they are taken; ends with the connection, throws where it is no answer. */
async function* framesOf(
  socket: Socket,
  asked: ToOwner,
  signal: AbortSignal,
): AsyncGenerator<ChannelFrame<FromOwner>> {
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    socket.write(encodeJson(asked));
    const frames = framesFromOwner();
    for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
      yield* frames.push(bytes);
      if (frames.failure !== undefined) {
        throw appError('UNEXPECTED_ANSWER', `the process that owns the port: ${frames.failure}`);
      }
    }
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

export function keep(peers: Map<string, DumpPeer>, put: readonly DumpPeer[], drop: readonly string[]): void {
  for (const id of drop) peers.delete(id);
  for (const peer of put) peers.set(peer.ref.id, peer);
}

const noOwner = () =>
  appError('CONNECTION_LOST', 'the process that owned the port is gone', {
    hint: 'The port changes hands: ask again in a moment.',
  });

const errorOf = ({ code, message, hint }: Extract<FromOwner, { readonly type: 'error' }>): AppError =>
  appError(isErrorCode(code) ? code : 'DUMP_FAILED', message, { hint: hint === '' ? undefined : hint });
const asAppError = (error: unknown): AppError =>
  error instanceof AppError
    ? error
    : appError('CONNECTION_LOST', `the process that owns the port: ${describeThrown(error)}`, {
        cause: error,
      });
