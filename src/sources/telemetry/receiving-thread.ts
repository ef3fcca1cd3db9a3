import { setTimeout as pause, setImmediate as turnOver } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describeThrown } from '../../core/app-error.ts';
import { BatchReader, monotonicMs } from './datagram-batch.ts';
import type { ListenAddress, SocketAddress, SocketListener } from './receiver-socket.ts';
import {
  CLOSE,
  OVERRUN,
  SHARED_BYTES,
  TAKEN_BYTES,
  type ThreadMessage,
  type ThreadStart,
} from './thread-messages.ts';

/** A key typed while datagrams are decoded waits no longer than this. */
const TURN_MS = 4;
/** Datagrams decoded between two looks at the stopwatch. */
const SLICE = 8;
/** On close: how long the thread may take, and then what waits here. */
const CLOSE_MS = 300;
const REST_MS = 400;
/** It copies bytes and keeps nothing. */
const RESOURCES = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 64 };

/** How a thread begins; `failed` where it could not even try to bind. */
export type FirstWord = Extract<ThreadMessage, { readonly kind: 'bound' | 'refused' | 'failed' }>;

/** A thread that receives, seen from the one that decodes: takes its batches in short turns. */
export class ReceivingThread {
  readonly #worker: Worker;
  readonly #counters: Int32Array;
  readonly #reader = new BatchReader();
  readonly #first = Promise.withResolvers<FirstWord>();
  readonly #closed = Promise.withResolvers<void>();
  #listener: SocketListener | undefined;
  #failure: string | undefined;
  #isTurnDue: boolean = false;
  #nowMs = 0;
  #leftOut = 0;

  /** Throws where the system grants no thread. */
  constructor(program: string, listen: ListenAddress) {
    const start: ThreadStart = { listen, shared: new SharedArrayBuffer(SHARED_BYTES) };
    this.#counters = new Int32Array(start.shared);
    this.#worker = new Worker(program, {
      workerData: start,
      // Nothing of the program's own: no loader, no NODE_OPTIONS, and no word on the screen.
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
      resourceLimits: RESOURCES,
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', (message: ThreadMessage) => this.#hear(message));
    this.#worker.on('messageerror', (error) => this.#fail(describeThrown(error)));
    this.#worker.on('error', (error) => this.#fail(describeThrown(error)));
    this.#worker.on('exit', (code) => {
      this.#fail(`the thread that receives ended with ${code}`);
      this.#closed.resolve();
    });
  }
  /** Rejects with the signal's reason; the thread is ended then. */
  async firstWord(signal: AbortSignal): Promise<FirstWord> {
    const aborted = Promise.withResolvers<never>();
    const onAbort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      return await Promise.race([this.#first.promise, aborted.promise]);
    } catch (error) {
      await this.end();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
  /** Datagrams given up because they were not taken in time. */
  get overrun(): number {
    return (Atomics.load(this.#counters, OVERRUN) >>> 0) + this.#leftOut;
  }
  listen(listener: SocketListener): void {
    this.#listener = listener;
    this.#takeSoon();
    if (this.#failure !== undefined) listener.onError(new Error(this.#failure));
  }
  /** Takes what was received until now, as far as that does not hold up whoever leaves. */
  async close(): Promise<void> {
    // That it ends from here on is as it should be.
    this.#failure ??= 'closed';
    this.#worker.postMessage(CLOSE);
    const late = new AbortController();
    const isLate = pause(CLOSE_MS, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([this.#closed.promise, isLate]);
    late.abort();
    await this.end();
    const until = performance.now() + REST_MS;
    while (!this.#reader.isEmpty && performance.now() < until) {
      this.#takeSome();
      await turnOver();
    }
    this.#listener = undefined;
    this.#leftOut += this.#reader.drop();
  }
  async end(): Promise<void> {
    await this.#worker.terminate();
  }
  #hear(message: ThreadMessage): void {
    switch (message.kind) {
      case 'bound':
      case 'refused':
        this.#first.resolve(message);
        return;
      case 'batch':
        this.#reader.push(message.batch);
        this.#takeSoon();
        return;
      case 'failed':
        this.#fail(message.message);
        return;
      case 'closed':
        this.#closed.resolve();
    }
  }
  #fail(message: string): void {
    this.#first.resolve({ kind: 'failed', message });
    if (this.#failure !== undefined) return;
    this.#failure = message;
    this.#listener?.onError(new Error(message));
  }
  #takeSoon(): void {
    if (this.#isTurnDue || this.#listener === undefined || this.#reader.isEmpty) return;
    this.#isTurnDue = true;
    // Behind input that waits: a key comes between two turns.
    setImmediate(() => {
      this.#isTurnDue = false;
      this.#takeSome();
      this.#takeSoon();
    });
  }
  #takeSome(): void {
    const endAt = performance.now() + TURN_MS;
    let taken = 0;
    do {
      this.#nowMs = monotonicMs();
      for (let index = 0; index < SLICE; index++) taken += this.#reader.read(this.#take);
    } while (!this.#reader.isEmpty && performance.now() < endAt);
    if (taken > 0) Atomics.add(this.#counters, TAKEN_BYTES, taken);
  }
  readonly #take = (bytes: Buffer, from: SocketAddress, at: number): void => {
    this.#listener?.onDatagram(bytes, from, Math.max(0, this.#nowMs - at));
  };
}
