import { AppError, describeThrown } from '../../../core/app-error.ts';
import { createBackoff } from '../../../core/backoff.ts';
import { type Clock, sleep } from '../../../core/clock.ts';
import { sourceFailure } from '../../../domain/errors.ts';
import type { Sink, Source } from '../../../domain/ports.ts';
import type { SourceFacts, SourceFailure } from '../../../domain/source-status.ts';
import type { RelayFacts } from '../../../wire/relay/frames.ts';
import { KnownSenders } from './known-senders.ts';
import { RelayReader } from './relay-reader.ts';
import type { RelayTransport } from './relay-transport.ts';
import { StreamStatus } from './stream-status.ts';

export interface AttachSourceOptions {
  readonly context: string;
  readonly transport: RelayTransport;
  readonly clock: Clock;
  /** For the pauses between attempts. */
  readonly random: () => number;
  /** Without a word for so long the stream is opened anew. @default 30000 */
  readonly silentMs?: number | undefined;
}

const SILENT_MS = 30_000;
const LOOK_MS = 1_000;
/** Trying again cannot help until somebody acts. */
const DENIED: readonly string[] = ['PERMISSION_DENIED', 'FORBIDDEN', 'MODE_REFUSED', 'TRANSPORT_LOCKED'];

/** Reads what a receiver elsewhere hands on; its senders are rows of this context. */
export function createAttachSource(options: AttachSourceOptions): Source {
  const { context, transport, clock, random, silentMs = SILENT_MS } = options;
  const known = new KnownSenders();
  const backoff = createBackoff({ firstMs: 1_000, random });
  let retryNow: AbortController | undefined;
  let lastGoodAt: number | undefined;

  /** Until the stream ends: why it did. */
  async function readOnce(sink: Sink, signal: AbortSignal): Promise<Ended> {
    const life = new AbortController();
    const whole = AbortSignal.any([signal, life.signal]);
    let failure: SourceFailure | undefined;
    let heardAt = clock.now();
    const fail = (why: SourceFailure) => {
      failure ??= why;
      life.abort();
    };
    const status = new StreamStatus({ sink, known, clock, lastGoodAt, onGood: () => backoff.reset() });
    const reader = new RelayReader({
      context,
      sink,
      now: () => clock.now(),
      isRemote: transport.isRemote,
      known,
      onReady: () => status.ready(),
      onFacts: (facts) => status.facts(facts, factsOf(facts, reader, transport.place)),
      onBye(reason) {
        if (reason === 'full') fail(tooMany(transport.place));
      },
    });
    const watching = watchSilence();
    try {
      await transport.open((bytes) => {
        if (whole.aborted) return;
        heardAt = clock.now();
        const error = reader.take(bytes);
        if (error !== undefined) fail(inPlace(error, transport.place));
      }, whole);
    } catch (thrown) {
      failure ??= failureOf(thrown, reader);
    }
    life.abort();
    await watching;
    lastGoodAt = status.lastGoodAt;
    return { wasLive: status.isLive, failure: failure ?? ended(transport.place) };

    async function watchSilence(): Promise<void> {
      while (!whole.aborted) {
        await sleep(clock, LOOK_MS, whole);
        if (!whole.aborted && clock.now() - heardAt >= silentMs) fail(silence(transport.place, silentMs));
      }
    }
  }

  function failureOf(thrown: unknown, reader: RelayReader): SourceFailure {
    if (!(thrown instanceof AppError)) return sourceFailure('INTERNAL', describeThrown(thrown));
    // What came before the end says more than the end, where it was no stream.
    const isEmptyEnd = thrown.code === 'CONNECTION_LOST' && reader.hello === undefined;
    const what = isEmptyEnd && reader.hasHeard ? reader.noStream() : thrown;
    return inPlace(what, transport.place);
  }

  return {
    context,
    refresh() {
      retryNow?.abort();
    },
    async run(sink, signal) {
      sink.facts({ target: `via ${transport.place}` });
      sink.status({ state: 'connecting', since: clock.now() });
      while (!signal.aborted) {
        const { wasLive, failure } = await readOnce(sink, signal);
        if (signal.aborted) break;
        const pauseMs = backoff.next();
        const retryAt = clock.now() + pauseMs;
        // Rows stay; their age tells.
        if (DENIED.includes(failure.code)) sink.status({ state: 'denied', error: failure, lastGoodAt });
        else if (wasLive && lastGoodAt !== undefined) {
          sink.status({ state: 'stale', lastGoodAt, error: failure });
        } else sink.status({ state: 'failed', error: failure, retryAt, lastGoodAt });
        retryNow = new AbortController();
        await sleep(clock, pauseMs, AbortSignal.any([signal, retryNow.signal]));
      }
      // What cannot be closed any more is gone with the process.
      await transport.close?.().catch(() => undefined);
    },
  };
}

interface Ended {
  readonly wasLive: boolean;
  readonly failure: SourceFailure;
}

/** The message names the place once. */
const inPlace = ({ code, message, hint }: AppError, place: string): SourceFailure => ({
  code,
  message: message.includes(place) ? message : `${place}: ${message}`,
  hint,
});
const ended = (place: string) => sourceFailure('CONNECTION_LOST', `${place}: the stream ended`);
const tooMany = (place: string) =>
  sourceFailure('ATTACH_FAILED', `${place}: as many read along as its owner serves`);
const silence = (place: string, silentMs: number) =>
  sourceFailure('ATTACH_FAILED', `${place}: nothing came for ${Math.round(silentMs / 1_000)} s`);

function factsOf(facts: RelayFacts, { hello, bad, shiftMs }: RelayReader, place: string): SourceFacts {
  const skew = shiftMs === 0 ? [] : [skewNote(shiftMs)];
  const notes = [...skew, ...facts.notes];
  return {
    target: `udp ${hello?.listen ?? ''} via ${place} (${hello?.role ?? ''} pid ${hello?.pid ?? ''})`,
    version: hello?.program,
    isReadAlong: true,
    requestsPerMinute: facts.perMinute,
    counts: { ...facts.counts, ...(bad > 0 && { badFrames: bad }) },
    ...(shiftMs !== 0 && { clockSkewMs: -shiftMs }),
    ...(notes.length > 0 && { notes }),
  };
}

/** `shiftMs` is added to instants of there. */
const skewNote = (shiftMs: number): string =>
  `its clock is ${Math.round(Math.abs(shiftMs) / 1_000)} s ${shiftMs > 0 ? 'behind' : 'ahead'}: times are shown by this one`;
