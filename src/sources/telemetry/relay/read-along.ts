import type { Socket } from 'node:net';
import type { AppError } from '../../../core/app-error.ts';
import { type Clock, sleep } from '../../../core/clock.ts';
import type { ErrorCode } from '../../../domain/errors.ts';
import type { Sink } from '../../../domain/ports.ts';
import type { RelayFacts, RelayFrame, RelayHello } from '../../../wire/relay/frames.ts';
import type { KnownSenders } from './known-senders.ts';
import { RelayReader } from './relay-reader.ts';

export interface ReadAlongOptions {
  readonly context: string;
  readonly sink: Sink;
  readonly clock: Clock;
  readonly known: KnownSenders;
  /** What we say of ourselves. */
  readonly hello: string;
  readonly onReady: (reader: RelayReader) => void;
  readonly onFacts: (facts: RelayFacts, reader: RelayReader) => void;
  /** Nothing came for so long, although the owner speaks every second or two. */
  readonly onSilent: (silentMs: number) => void;
}
export interface ReadEnd {
  readonly hello: RelayHello | undefined;
  readonly wasReady: boolean;
  /** Why the owner ended it, where it said so. */
  readonly bye: Extract<RelayFrame, { readonly type: 'bye' }>['reason'] | undefined;
  /** It is no stream we can read. */
  readonly error: AppError<ErrorCode> | undefined;
}

const SILENT_MS = 10_000;
const LOOK_MS = 1_000;

/** Reads what the owner on this host hands on, until it ends or the signal aborts. */
export async function readAlong(
  socket: Socket,
  options: ReadAlongOptions,
  signal: AbortSignal,
): Promise<ReadEnd> {
  const { clock } = options;
  const life = new AbortController();
  let wasReady = false;
  let bye: ReadEnd['bye'];
  let error: ReadEnd['error'];
  let heardAt = clock.now();
  const reader = new RelayReader({
    ...options,
    now: () => clock.now(),
    isRemote: false,
    onReady: () => {
      wasReady = true;
      options.onReady(reader);
    },
    onFacts: (facts) => options.onFacts(facts, reader),
    onBye: (reason) => {
      bye = reason;
    },
  });
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      socket.destroy();
      resolve();
    };
    socket.on('data', (bytes) => {
      heardAt = clock.now();
      error = reader.take(bytes);
      if (error !== undefined || bye !== undefined) end();
    });
    socket.on('error', end);
    socket.on('close', end);
    signal.addEventListener('abort', end, { once: true });
    life.signal.addEventListener('abort', () => signal.removeEventListener('abort', end), { once: true });
    if (signal.aborted) end();
  });
  socket.write(options.hello);
  void watchSilence();
  await ended;
  life.abort();
  return { hello: reader.hello, wasReady, bye, error };

  async function watchSilence(): Promise<void> {
    const whole = AbortSignal.any([signal, life.signal]);
    while (!whole.aborted) {
      await sleep(clock, LOOK_MS, whole);
      const silentMs = clock.now() - heardAt;
      if (silentMs >= SILENT_MS && !whole.aborted) options.onSilent(silentMs);
    }
  }
}
