import type { AppError } from '../../../core/app-error.ts';
import type { Clock } from '../../../core/clock.ts';
import { sourceFailure } from '../../../domain/errors.ts';
import type { PortCompanion } from '../../../domain/port-companion.ts';
import type { Sink } from '../../../domain/ports.ts';
import type { SourceFacts, SourceFailure } from '../../../domain/source-status.ts';
import type { RelayFacts } from '../../../wire/relay/frames.ts';
import { directoryProblems } from '../../socket-directory.ts';
import { wouldCollide } from '../listen-text.ts';
import { findRelay, peekRelays } from './find-relay.ts';
import type { KnownSenders } from './known-senders.ts';
import { type ReadEnd, readAlong } from './read-along.ts';
import { readerHello } from './reader-hello.ts';
import type { RelayOptions } from './relay-options.ts';
import type { RelayReader } from './relay-reader.ts';
import { StreamStatus } from './stream-status.ts';

export interface NeighbourOptions {
  readonly relay: RelayOptions;
  readonly port: number;
  /** Where we want to receive, e.g. `0.0.0.0:16100`. */
  readonly listen: string;
  readonly context: string;
  readonly clock: Clock;
  readonly known: KnownSenders;
  /** Told while another process receives. */
  readonly notes: readonly string[];
  readonly companion?: PortCompanion | undefined;
}
export interface AttachEnd extends ReadEnd {
  /** To be said, with a pause before the next attempt. */
  readonly failure: SourceFailure | undefined;
}

/** The other l9s of this host on the same port. */
export class PortNeighbours {
  readonly #options: NeighbourOptions;

  constructor(options: NeighbourOptions) {
    this.#options = options;
  }
  /** Each of those who serve the port, as it says of itself. */
  async all(signal: AbortSignal) {
    const { relay, port } = this.#options;
    return await peekRelays({ lookIn: relay.lookIn, uid: relay.uid, port, signal });
  }
  /** Why an owner may be there and not be found, in one line each. */
  problems(): readonly string[] {
    const { relay, port } = this.#options;
    return directoryProblems(relay.lookIn, relay.uid, port);
  }
  /** A collector waits until this console leaves the port to it. */
  async hasCollector(signal: AbortSignal): Promise<boolean> {
    const { relay, port } = this.#options;
    const lookIn = relay.lookIn.filter(({ kind }) => kind === 'shared');
    if (lookIn.length === 0) return false;
    const relays = await peekRelays({ lookIn, uid: relay.uid, port, signal });
    return relays.some(
      ({ role, isWaiting, listen }) =>
        role === 'collector' && isWaiting && wouldCollide(listen, this.#options.listen),
    );
  }
  /** Reads along with the owner until that ends; `undefined` where there is none to be found. */
  async attach(
    sink: Sink,
    signal: AbortSignal,
    onGood: (at: number) => void,
  ): Promise<AttachEnd | undefined> {
    const { relay, port, context, clock, known } = this.#options;
    const { lookIn, uid } = relay;
    const found = await findRelay({ lookIn, uid, port, signal });
    if (found === undefined) return undefined;
    const status = new StreamStatus({ sink, known, clock, onGood });
    const end = await readAlong(
      found.socket,
      {
        context,
        sink,
        clock,
        known,
        hello: readerHello({ ...relay, at: clock.now() }),
        onReady: () => status.ready(),
        onFacts: (facts, reader) => {
          const perMinute =
            facts.perMinute === undefined ? undefined : known.perMinute(facts.perMinute, clock.now());
          const notes = [...facts.notes, ...this.#options.notes, ...this.#ofOwner(facts, reader)];
          status.facts(facts, factsOf({ ...facts, perMinute, notes }, reader));
        },
        onSilent: (silentMs) => status.silent(silence(found.file, silentMs)),
      },
      signal,
    );
    return { ...end, failure: failureOf(end, found.file) };
  }
  #ofOwner({ counts }: RelayFacts, { hello }: RelayReader): readonly string[] {
    if (hello === undefined) return [];
    const { pid, role } = hello;
    return this.#options.companion?.ownerNotes({ pid, role, takesTcp: 'tcpPort' in counts }) ?? [];
  }
}

function factsOf(facts: RelayFacts, reader: RelayReader): SourceFacts {
  const { hello, bad } = reader;
  // How many read along is the owner's to tell: here it would count ourselves.
  const { readers: _readers, ...counts } = facts.counts;
  return {
    target: `udp ${hello?.listen ?? ''} via pid ${hello?.pid ?? ''} (${hello?.role ?? ''})`,
    version: hello?.program,
    isReadAlong: true,
    requestsPerMinute: facts.perMinute,
    counts: {
      ...counts,
      ...(facts.perMinute !== undefined && { perMinute: facts.perMinute }),
      ...(bad > 0 && { badFrames: bad }),
    },
    ...(facts.notes.length > 0 && { notes: facts.notes }),
  };
}

const silence = (file: string, silentMs: number): SourceFailure =>
  sourceFailure(
    'ATTACH_FAILED',
    `the process that owns the port has said nothing for ${Math.round(silentMs / 1_000)} s (${file})`,
    'It may be stopped (^Z) or overloaded: let it go on, or end it and this one takes over.',
  );

function failureOf({ error, bye }: ReadEnd, file: string): SourceFailure | undefined {
  if (error !== undefined) return ofError(error, file);
  if (bye === 'full') {
    return sourceFailure(
      'ATTACH_FAILED',
      `${file}: as many read along as its owner serves`,
      'End a console that is not needed.',
    );
  }
  return undefined;
}

const ofError = ({ code, message, hint }: AppError, file: string): SourceFailure => ({
  code,
  message: `${file}: ${message}`,
  hint,
});
