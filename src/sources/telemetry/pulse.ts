import { cleanLine } from '../../core/text.ts';
import type { Heartbeat } from '../../domain/jvm-sample.ts';
import { MinuteCounter } from './minute-counter.ts';
import { RejectReasons } from './reject-reasons.ts';

export interface RateLimit {
  /** Datagrams a second that are read. */
  readonly perSecond: number;
  readonly burst: number;
}
const MAX_REASONS = 8;

/** How one sender is heard: counts every datagram and says which ones are too many to read. */
export class Pulse {
  readonly #minute = new MinuteCounter();
  readonly #limit: RateLimit;
  #tokens: number;
  #rejects: RejectReasons | undefined = undefined;
  at: number;
  intervalMs: number;
  /** Datagrams so far. */
  heard = 0;
  rejected = 0;
  /** Why the last refused datagram was refused, with the place where it broke. */
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
    this.heard++;
    this.#minute.add(now);
    const elapsedMs = now - this.at;
    if (elapsedMs > 0) {
      this.#tokens = Math.min(this.#limit.burst, this.#tokens + (elapsedMs * this.#limit.perSecond) / 1_000);
      this.at = now;
    }
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
  /** True when one more now would be too many. */
  isExhausted(now: number): boolean {
    return this.#tokens + (Math.max(0, now - this.at) * this.#limit.perSecond) / 1_000 < 1;
  }
  /** A datagram that was heard is refused, or a part of it. */
  reject(reason: string): void {
    this.rejected++;
    this.rejectReason = cleanLine(reason, 128);
    this.#rejects ??= new RejectReasons(MAX_REASONS);
    this.#rejects.add(this.rejectReason);
  }
  /** Counts as its own what was refused before it was known who it is. */
  inheritRejects(other: Pulse): void {
    if (other.#rejects === undefined) return;
    this.rejected += other.rejected;
    this.rejectReason ??= other.rejectReason;
    this.#rejects ??= new RejectReasons(MAX_REASONS);
    this.#rejects.addAll(other.#rejects);
  }
  toHeartbeat(now: number): Heartbeat {
    return {
      at: this.at,
      perMinute: this.#minute.count(now),
      lost: this.lost,
      rejected: this.rejected,
      rejectReasons: this.#rejects?.toList(),
      intervalMs: this.intervalMs,
      clockSkewMs: this.clockSkewMs,
    };
  }
}
