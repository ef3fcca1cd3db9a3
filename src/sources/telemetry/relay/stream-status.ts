import type { Clock } from '../../../core/clock.ts';
import type { Sink } from '../../../domain/ports.ts';
import type { SourceFacts, SourceFailure } from '../../../domain/source-status.ts';
import type { RelayFacts } from '../../../wire/relay/frames.ts';
import type { KnownSenders } from './known-senders.ts';

export interface StreamStatusOptions {
  readonly sink: Sink;
  readonly known: KnownSenders;
  readonly clock: Clock;
  /** Of an earlier stream. */
  readonly lastGoodAt?: number | undefined;
  /** Told whenever the stream is live, with the instant of the last datagram of anybody. */
  readonly onGood: (at: number) => void;
}

/** Facts come each second. */
const FORGET_EVERY = 10;

/**
 * What a source says of a stream it reads: live from `ready` on, the owner's facts when they change, and from time to
 * time whom nobody tells of any more.
 */
export class StreamStatus {
  readonly #options: StreamStatusOptions;
  #lastGoodAt: number | undefined;
  #isLive: boolean = false;
  #isSilent: boolean = false;
  #toldFacts = '';
  #rounds = 0;

  constructor(options: StreamStatusOptions) {
    this.#options = options;
    this.#lastGoodAt = options.lastGoodAt;
  }
  get isLive(): boolean {
    return this.#isLive;
  }
  get lastGoodAt(): number | undefined {
    return this.#lastGoodAt;
  }
  /** Everything there is has been told. */
  ready(): void {
    this.#live(undefined);
  }
  /** `told`: the same facts as this source says them. */
  facts({ lastGoodAt: at }: RelayFacts, told: SourceFacts): void {
    const { sink, known, clock } = this.#options;
    const isNews = at !== undefined && at !== this.#lastGoodAt;
    if (this.#isLive && (isNews || this.#isSilent)) this.#live(at);
    this.#lastGoodAt = at ?? this.#lastGoodAt;
    const text = JSON.stringify(told);
    if (text !== this.#toldFacts) sink.facts(told);
    this.#toldFacts = text;
    if (++this.#rounds % FORGET_EVERY !== 0) return;
    const silent = known.takeSilent(clock.now());
    if (silent.length > 0) sink.changes(silent);
  }
  /** Nothing comes, and the stream is kept: said once, until something comes again. */
  silent(error: SourceFailure): void {
    if (this.#isSilent) return;
    this.#isSilent = true;
    const { sink } = this.#options;
    if (this.#isLive && this.#lastGoodAt !== undefined)
      sink.status({ state: 'stale', lastGoodAt: this.#lastGoodAt, error });
    else sink.status({ state: 'failed', error });
  }
  #live(at: number | undefined): void {
    const { sink, clock, onGood } = this.#options;
    this.#isLive = true;
    this.#isSilent = false;
    const lastGoodAt = at ?? this.#lastGoodAt ?? clock.now();
    this.#lastGoodAt = lastGoodAt;
    onGood(lastGoodAt);
    sink.status({ state: 'live', lastGoodAt });
  }
}
