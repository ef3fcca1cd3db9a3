import { cleanLine } from '../../core/text.ts';
import type { Heartbeat } from '../../domain/jvm-sample.ts';
import { MinuteCounter } from './minute-counter.ts';

export interface RateLimit {
  /** Datagrams a second that are read. */
  readonly perSecond: number;
  readonly burst: number;
}

/** How one sender is heard: counts every datagram and says which ones are too many to read. */
export class Pulse {
  readonly #minute = new MinuteCounter();
  readonly #limit: RateLimit;
  #tokens: number;
  at: number;
  intervalMs: number;
  rejected = 0;
  /** Why the last refused datagram was refused. */
  rejectReason: string | undefined = undefined;
  lost: number | undefined = undefined;
  clockSkewMs: number | undefined = undefined;

  constructor(now: number, intervalMs: number, limit: RateLimit) {
    this.at = now;
    this.intervalMs = intervalMs;
    this.#limit = limit;
    this.#tokens = limit.burst;
  }
  /** One datagram arrived; false when this sender already sent more than it may. */
  beat(now: number): boolean {
    this.#minute.add(now);
    const elapsedMs = Math.max(0, now - this.at);
    this.#tokens = Math.min(this.#limit.burst, this.#tokens + (elapsedMs * this.#limit.perSecond) / 1_000);
    this.at = Math.max(this.at, now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
  reject(now: number, reason: string): void {
    this.beat(now);
    this.rejected++;
    this.rejectReason = cleanLine(reason, 128);
  }
  toHeartbeat(now: number): Heartbeat {
    return {
      at: this.at,
      perMinute: this.#minute.count(now),
      lost: this.lost,
      rejected: this.rejected,
      intervalMs: this.intervalMs,
      clockSkewMs: this.clockSkewMs,
    };
  }
}
