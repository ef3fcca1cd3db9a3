import { type Clock, sleep } from './clock.ts';

export interface TokenBucketOptions {
  readonly clock: Clock;
  /** Tokens that may be spent at once. */
  readonly burst: number;
  /** Tokens added a second. */
  readonly perSecond: number;
}

/** Spreads requests over time: `take` waits until a token is free or the signal aborts. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #burst: number;
  #perSecond: number;
  #tokens: number;
  #filledAt: number;
  #queue: Promise<void> = Promise.resolve();
  constructor({ clock, burst, perSecond }: TokenBucketOptions) {
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#tokens = burst;
    this.#filledAt = clock.now();
  }
  /** Changes the refill rate, e.g. after the remote throttled. */
  setRate(perSecond: number): void {
    this.#refill();
    this.#perSecond = perSecond;
  }
  take(signal: AbortSignal): Promise<void> {
    const turn = this.#queue.then(async () => {
      this.#refill();
      while (this.#tokens < 1 && !signal.aborted) {
        await sleep(this.#clock, Math.ceil(((1 - this.#tokens) * 1_000) / this.#perSecond), signal);
        this.#refill();
      }
      if (!signal.aborted) this.#tokens -= 1;
    });
    this.#queue = turn;
    return turn;
  }
  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) * this.#perSecond) / 1_000);
    this.#filledAt = now;
  }
}
