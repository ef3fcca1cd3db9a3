import type { RemoteInfo } from 'node:dgram';
import { AppError, describeThrown } from '../../core/app-error.ts';
import { createBackoff } from '../../core/backoff.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import { withDeadline } from '../../core/deadline.ts';
import { ERRORS, sourceFailure } from '../../domain/errors.ts';
import type { Sink, Source } from '../../domain/ports.ts';
import type { SourceFailure } from '../../domain/source-status.ts';
import { createAllowList, DEFAULT_ALLOW } from './allow-list.ts';
import { DatagramReceiver, type TelemetryLimits } from './datagram-receiver.ts';
import { readKernelDrops } from './kernel-drops.ts';
import { plainAddress } from './peer-table.ts';
import {
  type ListenAddress,
  listenError,
  openReceiverSocket,
  type ReceiverSocket,
} from './receiver-socket.ts';

export interface TelemetryOptions {
  /** Port 0 takes a free one. */
  readonly listen: ListenAddress;
  /** CIDR ranges that may send. @default loopback, private and link-local ranges */
  readonly allow?: readonly string[] | undefined;
  readonly clock: Clock;
  /** Longest wait before a change reaches the sink. @default 250 */
  readonly flushMs?: number | undefined;
  readonly limits?: TelemetryLimits | undefined;
  /** @default udp */
  readonly context?: string | undefined;
  /** For the pauses between attempts to bind. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Told the real address whenever the socket is bound. */
  readonly onBound?: ((address: ListenAddress) => void) | undefined;
}
export interface TelemetrySource extends Source {
  /** Where it receives now; undefined while it does not. */
  readonly address: ListenAddress | undefined;
}

const FACTS_MS = 1_000;
const FORGET_EVERY = 10;
const PROC_TIMEOUT_MS = 1_000;

/** Receives datagrams of middleware servers and keeps one sender for each. Throws on an allow-list that is none. */
export function createTelemetrySource(options: TelemetryOptions): TelemetrySource {
  const { clock, listen, flushMs = 250, context = 'udp', random = Math.random } = options;
  const isAllowed = createAllowList(options.allow ?? DEFAULT_ALLOW);
  const receiver = new DatagramReceiver(context, options.limits);
  const backoff = createBackoff({ firstMs: 1_000, random });
  let address: ListenAddress | undefined;
  let retryNow: AbortController | undefined;
  let lastGoodAt: number | undefined;

  async function tellFacts(sink: Sink, socket: ReceiverSocket, signal: AbortSignal): Promise<void> {
    const { port, host } = socket.address;
    const drops = await readKernelDrops(port, socket.family, withDeadline(signal, PROC_TIMEOUT_MS));
    if (signal.aborted) return;
    const counts = receiver.counts(clock.now());
    sink.facts({
      target: `udp ${host.includes(':') ? `[${host}]` : host}:${port}`,
      requestsPerMinute: counts['perMinute'],
      counts: {
        ...counts,
        ...(drops === undefined ? {} : { dropped: drops }),
        ...(socket.receiveBufferBytes === undefined ? {} : { receiveBufferBytes: socket.receiveBufferBytes }),
      },
    });
  }

  /** Every second: counts, drops of the kernel, time of the last datagram; silent senders are forgotten. */
  async function watch(sink: Sink, socket: ReceiverSocket, signal: AbortSignal): Promise<void> {
    let told = receiver.tallies.datagrams;
    let toldRate: number | undefined;
    for (let round = 0; !signal.aborted; round++) {
      const { datagrams } = receiver.tallies;
      const isNews = datagrams !== told;
      const rate = receiver.perMinute(clock.now());
      if (isNews || rate !== toldRate || round % FORGET_EVERY === 0) {
        if (isNews && lastGoodAt !== undefined) sink.status({ state: 'live', lastGoodAt });
        told = datagrams;
        toldRate = rate;
        await tellFacts(sink, socket, signal);
      }
      await sleep(clock, FACTS_MS, signal);
      if (round % FORGET_EVERY === FORGET_EVERY - 1) receiver.forgetSilent(clock.now());
      if (receiver.isDirty && !signal.aborted) sink.changes(receiver.takeChanges(clock.now()));
    }
  }

  /** Receives until the signal aborts or the socket fails; the failure is the result. */
  function receive(sink: Sink, socket: ReceiverSocket, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve) => {
      let cancelFlush: (() => void) | undefined;
      const flush = () => {
        cancelFlush = undefined;
        if (receiver.isDirty) sink.changes(receiver.takeChanges(clock.now()));
      };
      const onMessage = (bytes: Buffer, from: RemoteInfo) => {
        const now = clock.now();
        if (isAllowed(plainAddress(from.address))) {
          lastGoodAt = now;
          receiver.takeSafely(bytes, from, now);
          if (cancelFlush === undefined && receiver.isDirty) cancelFlush = clock.after(flushMs, flush);
        } else receiver.deny(now);
      };
      const end = (failure: unknown) => {
        cancelFlush?.();
        socket.raw.off('message', onMessage);
        socket.raw.off('error', end);
        signal.removeEventListener('abort', onAbort);
        resolve(failure);
      };
      const onAbort = () => end(undefined);
      socket.raw.on('message', onMessage);
      socket.raw.once('error', end);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  async function receiveOnce(sink: Sink, signal: AbortSignal): Promise<SourceFailure | undefined> {
    const socket = await openReceiverSocket(listen);
    const life = new AbortController();
    const whole = AbortSignal.any([signal, life.signal]);
    try {
      address = socket.address;
      lastGoodAt ??= clock.now();
      backoff.reset();
      const received = receive(sink, socket, whole);
      if (!signal.aborted) {
        sink.status({ state: 'live', lastGoodAt });
        options.onBound?.(socket.address);
      }
      const watched = watch(sink, socket, whole);
      const failure = await received;
      life.abort();
      await watched;
      return failure === undefined ? undefined : failureOf(listenError(listen, failure));
    } finally {
      address = undefined;
      await socket.close().catch(() => undefined);
    }
  }

  const isOver = (signal: AbortSignal): boolean => signal.aborted;

  return {
    context,
    get address() {
      return address;
    },
    refresh() {
      retryNow?.abort();
    },
    async run(sink, signal) {
      sink.status({ state: 'connecting', since: clock.now() });
      while (!isOver(signal)) {
        const failure = await receiveOnce(sink, signal).catch(failureOf);
        if (isOver(signal) || failure === undefined) return;
        const pauseMs = backoff.next();
        const retryAt = clock.now() + pauseMs;
        if (failure.code === 'PORT_DENIED') sink.status({ state: 'denied', error: failure, lastGoodAt });
        else sink.status({ state: 'failed', error: failure, retryAt, lastGoodAt });
        retryNow = new AbortController();
        await sleep(clock, pauseMs, AbortSignal.any([signal, retryNow.signal]));
      }
    },
  };
}

function failureOf(thrown: unknown): SourceFailure {
  if (thrown instanceof AppError) return { code: thrown.code, message: thrown.message, hint: thrown.hint };
  return sourceFailure('INTERNAL', describeThrown(thrown), ERRORS.INTERNAL.hint);
}
