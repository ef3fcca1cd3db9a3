import type { Socket } from 'node:net';
import { AppError } from '../../../core/app-error.ts';
import type { Clock } from '../../../core/clock.ts';
import { hostPort } from '../../../core/host-port.ts';
import { appError } from '../../../domain/errors.ts';
import type { LenaMap } from '../../../wire/lena/pack.ts';
import type { LenaCommand } from '../../../wire/lena/tcp/command.ts';
import { LenaReplyReader } from '../../../wire/lena/tcp/reply.ts';
import { encodeLenaRequest } from '../../../wire/lena/tcp/request.ts';

export interface LenaSocketOptions {
  readonly socket: Socket;
  readonly address: string;
  readonly port: number;
  readonly objHash: number;
  readonly clock: Clock;
  /** It can be asked again. */
  readonly onIdle: () => void;
  /** What it said is no answer; the socket is closed then. */
  readonly onLie: (what: string) => void;
  readonly onClosed: () => void;
}
export interface LenaQuery {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Bytes of the reply so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** The advertiser closes what is idle for longer, and a dead peer is found. */
const KEEP_ALIVE_MS = 20_000;
const KEEP_ALIVE_ANSWER_MS = 10_000;
const KEEP_ALIVE_BYTES = 65_536;
/** A reply that stands still for so long is given up. */
const STALL_MS = 30_000;

interface Asking {
  readonly command: LenaCommand;
  readonly reader: LenaReplyReader;
  readonly query: LenaQuery;
  readonly settle: (end: readonly LenaMap[] | Error) => void;
  cancelStall: () => void;
}

/** One connection an advertiser opened: one request at a time, kept alive, closed at the first wrong byte. */
export class LenaSocket {
  readonly #options: LenaSocketOptions;
  #asking: Asking | undefined;
  #cancelKeepAlive: (() => void) | undefined;
  #isClosed: boolean = false;
  #isReserved: boolean = false;
  readonly connectedAt: number;
  /** It did not answer KEEP_ALIVE. */
  wasDead: boolean = false;

  constructor(options: LenaSocketOptions) {
    this.#options = options;
    const { socket, clock } = options;
    this.connectedAt = clock.now();
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
    socket.resume();
    this.#keepAliveLater();
  }
  get isIdle(): boolean {
    return !this.#isClosed && !this.#isReserved && this.#asking === undefined;
  }
  get port(): number {
    return this.#options.port;
  }
  get place(): string {
    return hostPort(this.#options.address, this.#options.port);
  }
  close(): void {
    this.#options.socket.destroy();
  }
  /** Nobody else may ask before whoever reserved it did. */
  reserve(): void {
    this.#isReserved = true;
  }
  /** Asks; only while idle or reserved. Rejects with an AppError, or with the signal's reason. */
  ask(command: LenaCommand, query: LenaQuery): Promise<readonly LenaMap[]> {
    const { clock, socket } = this.#options;
    this.#isReserved = false;
    this.#cancelKeepAlive?.();
    if (this.#isClosed) return Promise.reject(this.#lost(command));
    return new Promise((resolve, reject) => {
      const abort = () => this.#give(query.signal.reason);
      const cancelDeadline = clock.after(query.timeoutMs, () =>
        this.#give(
          appError('TIMEOUT', `LENA advertiser ${this.place}: no whole answer to ${command} in time`),
        ),
      );
      const settle = (end: readonly LenaMap[] | Error) => {
        cancelDeadline();
        this.#asking?.cancelStall();
        query.signal.removeEventListener('abort', abort);
        this.#asking = undefined;
        if (end instanceof Error) reject(end);
        else resolve(end);
      };
      const reader = new LenaReplyReader({ maxBytes: query.maxBytes });
      this.#asking = { command, reader, query, settle, cancelStall: this.#stallTimer(command) };
      query.signal.addEventListener('abort', abort, { once: true });
      if (query.signal.aborted) abort();
      else socket.write(encodeLenaRequest(command));
    });
  }
  /** What was asked is given up; its answer can no longer be told from the next one's. */
  #give(reason: unknown): void {
    const error = reason instanceof Error ? reason : appError('DUMP_FAILED', 'given up');
    this.#asking?.settle(error);
    this.close();
  }
  #lost(command: LenaCommand): Error {
    const words = `LENA advertiser ${this.place} closed the connection before it had answered ${command}`;
    return appError('CONNECTION_LOST', words);
  }
  #stallTimer(command: LenaCommand): () => void {
    return this.#options.clock.after(STALL_MS, () =>
      this.#give(appError('TIMEOUT', `LENA advertiser ${this.place}: its answer to ${command} stands still`)),
    );
  }
  #take(bytes: Buffer): void {
    const asking = this.#asking;
    if (asking === undefined) {
      if (!this.#isClosed) this.#lied('it speaks without being asked');
      return;
    }
    const { reader, query, command, settle } = asking;
    reader.push(bytes);
    if (reader.isTooLarge) {
      const words = `LENA advertiser ${this.place}: its answer to ${command} is larger than ${query.maxBytes} bytes`;
      this.#give(appError('DUMP_TOO_LARGE', words));
    } else if (reader.failure !== undefined) {
      const words = `LENA advertiser ${this.place}: its answer to ${command} is none: ${reader.failure}`;
      settle(appError('DUMP_DAMAGED', words));
      this.#lied(`${command}: ${reader.failure}`);
    } else if (reader.isDone) {
      settle(reader.packs);
      this.#keepAliveLater();
      this.#options.onIdle();
    } else {
      asking.cancelStall();
      asking.cancelStall = this.#stallTimer(command);
      query.onBytes?.(reader.bytes);
    }
  }
  #lied(what: string): void {
    this.#options.onLie(what);
    this.close();
  }
  #keepAliveLater(): void {
    this.#cancelKeepAlive = this.#options.clock.after(KEEP_ALIVE_MS, () => {
      if (!this.isIdle) return;
      const limits = { maxBytes: KEEP_ALIVE_BYTES, timeoutMs: KEEP_ALIVE_ANSWER_MS };
      this.ask('KEEP_ALIVE', { ...limits, signal: new AbortController().signal }).catch((error: unknown) => {
        this.wasDead = error instanceof AppError && error.code === 'TIMEOUT';
      });
    });
  }
  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelKeepAlive?.();
    const asking = this.#asking;
    if (asking !== undefined) asking.settle(this.#lost(asking.command));
    this.#options.onClosed();
  }
}
