import type { Server, Socket } from 'node:net';
import { AppError, describeThrown } from '../../../core/app-error.ts';
import { type Clock, sleep } from '../../../core/clock.ts';
import { hostPort } from '../../../core/host-port.ts';
import type { DumpPeer } from '../../../domain/dump.ts';
import type { DumpTaking, TakenDump } from '../../../domain/dump-way.ts';
import { ERRORS } from '../../../domain/errors.ts';
import type { PortAddress } from '../../../domain/port-companion.ts';
import {
  ASK_VERSION,
  type DumpOrder,
  type FromOwner,
  framesToOwner,
  type PeersMessage,
  peersMessages,
  type ToOwner,
} from '../../../wire/dump-channel/asks.ts';
import { encodeJson, framed } from '../../../wire/dump-channel/frames.ts';
import { MAX_FRAME_BYTES } from '../../../wire/dump-channel/messages.ts';
import { prepareDirectory, type SocketDirectory, type UserId } from '../../socket-directory.ts';
import { listenOn } from '../../socket-listener.ts';
import { dumpSocketFileOf } from './dump-socket-file.ts';
import type { PeerBook } from './peer-book.ts';

export interface OwnerSocketOptions {
  readonly serveIn: SocketDirectory;
  readonly uid: UserId;
  readonly book: PeerBook;
  readonly take: (order: DumpOrder, taking: DumpTaking) => Promise<TakenDump>;
  readonly clock: Clock;
}

const MAX_CLIENTS = 32;
const RETRY_MS = 500;
/** Unsent, who only looks is too slow. */
const MAX_UNSENT_BYTES = 4 * 1_048_576;

type Answer = Exclude<FromOwner, { readonly type: 'peers' }> | PeersMessage;

/**
 * Where other processes of this user ask the one that owns the port: who is connected, and for dumps of them. The file
 * is this user's alone, in a collector's directory too.
 */
export class OwnerSocket {
  readonly #options: OwnerSocketOptions;
  readonly #clients = new Set<Socket>();
  #server: Server | undefined;
  /** Why nobody else can ask, in one line. */
  problem: string | undefined;

  constructor(options: OwnerSocketOptions) {
    this.#options = options;
  }
  /** Until the signal aborts. Never rejects. */
  async run(port: PortAddress, signal: AbortSignal): Promise<void> {
    const { serveIn, uid, clock } = this.#options;
    const file = dumpSocketFileOf(serveIn.path, port.port);
    while (!signal.aborted && this.#server === undefined) {
      try {
        prepareDirectory(serveIn, uid);
        this.#server = await listenOn({
          file,
          isForGroup: false,
          onConnection: (socket) => this.#accept(socket, port),
          signal,
        });
        this.problem =
          this.#server === undefined
            ? `others cannot ask for dumps: another process serves ${file}`
            : undefined;
      } catch (error) {
        this.problem = `others cannot ask for dumps: ${describeThrown(error)}`;
        return;
      }
      if (this.#server === undefined) await sleep(clock, RETRY_MS, signal);
    }
    await aborted(signal);
    await this.#close();
  }
  #close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.problem = undefined;
    for (const client of this.#clients) client.destroy();
    return new Promise((resolve) => {
      if (server === undefined) resolve();
      else server.close(() => resolve());
    });
  }
  #accept(socket: Socket, port: PortAddress): void {
    socket.on('error', () => socket.destroy());
    if (this.#clients.size >= MAX_CLIENTS) {
      socket.destroy();
      return;
    }
    this.#clients.add(socket);
    socket.once('close', () => this.#clients.delete(socket));
    const frames = framesToOwner();
    let isAsked = false;
    socket.on('data', (bytes) => {
      for (const frame of frames.push(bytes)) {
        if (frame.kind !== 'message' || isAsked) {
          socket.destroy();
          return;
        }
        isAsked = true;
        this.#answer(socket, frame.message, port);
      }
      if (frames.failure !== undefined) socket.destroy();
    });
  }
  #answer(socket: Socket, asked: ToOwner, port: PortAddress): void {
    if (asked.version !== ASK_VERSION) {
      const message = `this l9s speaks version ${ASK_VERSION} of asks, the other version ${asked.version}`;
      socket.end(
        encoded({ type: 'error', code: 'ATTACH_VERSION', message, hint: ERRORS.ATTACH_VERSION.hint }),
      );
    } else if (asked.type === 'look') this.#tellPeers(socket, asked.isWatch, port);
    else void this.#take(socket, asked.order);
  }
  #tellPeers(socket: Socket, isWatch: boolean, port: PortAddress): void {
    const { book } = this.#options;
    const tell = (put: readonly DumpPeer[], drop: readonly string[]) => {
      for (const message of peersMessages(put, drop)) socket.write(encoded(message));
      if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
    };
    tell(book.rows(), []);
    const ready = encoded({ type: 'ready', listen: hostPort(port.host, port.port), pid: process.pid });
    if (!isWatch) {
      socket.end(ready);
      return;
    }
    socket.write(ready);
    const end = book.onChange(tell);
    socket.once('close', end);
  }
  async #take(socket: Socket, order: DumpOrder): Promise<void> {
    const gone = new AbortController();
    socket.once('close', () => gone.abort(new Error('whoever asked is gone')));
    try {
      const { how, missing, sha256 } = await this.#options.take(order, {
        signal: gone.signal,
        report: (detail) => {
          // One who does not read what it asked for needs no news of it.
          if (!socket.writableNeedDrain) socket.write(encoded({ type: 'progress', detail }));
        },
        write: (bytes) => writeAll(socket, bytes, gone.signal),
      });
      socket.end(encoded({ type: 'done', how, missing, sha256 }));
    } catch (error) {
      socket.end(encoded(failureOf(error)));
    }
  }
}

const encoded = (answer: Answer): Uint8Array => encodeJson(answer);

function failureOf(error: unknown): Extract<FromOwner, { readonly type: 'error' }> {
  return error instanceof AppError
    ? {
        type: 'error',
        code: error.code,
        message: error.message.slice(0, 1_000),
        hint: error.hint.slice(0, 500),
      }
    : {
        type: 'error',
        code: 'DUMP_FAILED',
        message: describeThrown(error).slice(0, 1_000),
        hint: ERRORS.DUMP_FAILED.hint,
      };
}

async function writeAll(socket: Socket, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < bytes.length; at += MAX_FRAME_BYTES) {
    signal.throwIfAborted();
    const piece = bytes.subarray(at, at + MAX_FRAME_BYTES);
    socket.write(encoded({ type: 'chunk', id: 1, bytes: piece.length }));
    if (!socket.write(framed(piece))) await drained(socket);
  }
  signal.throwIfAborted();
}
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      socket.off('drain', end);
      socket.off('close', end);
      resolve();
    };
    socket.on('drain', end);
    socket.on('close', end);
    if (socket.destroyed) end();
  });
}
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
