import type { FullGc } from '../../../domain/jvm-sample.ts';
import type { LenaMap } from '../../../wire/lena/pack.ts';
import { GcWindow } from '../gc-window.ts';
import { amountOf, numbersOf } from './lena-values.ts';

/** What `GcMemory` says of the last collection of the old generation. */
interface OldCollection {
  readonly startMs: number;
  readonly count: number;
}

/** Garbage collection of one LENA server, from counters that each tell only what happened since the last ones. */
export class LenaGc {
  readonly #window = new GcWindow();
  readonly #intervalMs: number;
  #sampledAt: number | undefined = undefined;
  #old: OldCollection | undefined = undefined;
  afterGcBytes: number | undefined = undefined;
  lastFullGc: FullGc | undefined = undefined;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }
  get perMinute(): number | undefined {
    return this.#window.perMinute;
  }
  get timePercent(): number | undefined {
    return this.#window.timePercent;
  }
  /** A JVM began anew: nothing of the one before holds. */
  restart(): void {
    this.#window.clear();
    this.#sampledAt = undefined;
    this.#old = undefined;
    this.afterGcBytes = undefined;
    this.lastFullGc = undefined;
  }
  /** Takes one sample that was not seen before. */
  sample(counters: LenaMap, now: number, startedAt: number | undefined): void {
    const count = amountOf(counters.get('GcCount'));
    const timeMs = amountOf(counters.get('GcTime'));
    // The first sample of a JVM has neither; it is where the second one's count begins.
    if (count !== undefined || timeMs !== undefined) {
      this.#window.add({ at: now, coveredMs: this.#coveredMs(now), count: count ?? 0, timeMs: timeMs ?? 0 });
    }
    this.#sampledAt = now;
    this.#sampleOld(counters, now, startedAt);
  }
  /** Samples that come in a burst (we were late, or a replay) still cover a cycle each. */
  #coveredMs(now: number): number {
    const elapsedMs = this.#sampledAt === undefined ? 0 : now - this.#sampledAt;
    return elapsedMs < this.#intervalMs / 2 ? this.#intervalMs : elapsedMs;
  }
  #sampleOld(counters: LenaMap, now: number, startedAt: number | undefined): void {
    const [startMs, beforeBytes, afterBytes, , count] = numbersOf(counters.get('GcMemory'));
    if (startMs === undefined || afterBytes === undefined || count === undefined || count <= 0) return;
    const last = this.#old;
    // The count may lag a sample behind the sizes (recorded), so a new start alone is a new collection.
    if (last !== undefined && last.count === count && last.startMs === startMs) return;
    this.#old = { startMs, count };
    this.afterGcBytes = afterBytes;
    const at = startedAt === undefined ? now : Math.min(now, startedAt + startMs);
    if (startedAt !== undefined || last !== undefined) this.lastFullGc = { at, beforeBytes, afterBytes };
  }
}
