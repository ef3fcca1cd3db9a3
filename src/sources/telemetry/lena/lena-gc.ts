import type { FullGc, GcInterval } from '../../../domain/jvm-sample.ts';
import type { LenaMap } from '../../../wire/lena/pack.ts';
import { GcWindow } from '../gc-window.ts';
import { amountOf, numbersOf } from './lena-values.ts';

/** Garbage collection of one LENA server, from counters that each tell only what happened since the last ones. */
export class LenaGc {
  readonly #window = new GcWindow();
  readonly #intervalMs: number;
  #sampledAt: number | undefined = undefined;
  /** Start of the last collection `GcMemory` told of, ms since the JVM's; 0 where it told of none yet. */
  #oldStartMs: number | undefined = undefined;
  /** Full collections since the start, by the collector of the old generation. */
  fullGcs: number | undefined = undefined;
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
  intervalOf(sampledAt: number): GcInterval | undefined {
    return this.#window.intervalOf(sampledAt);
  }
  /** A JVM began anew: nothing of the one before holds. */
  restart(): void {
    this.#window.clear();
    this.#sampledAt = undefined;
    this.#oldStartMs = undefined;
    this.fullGcs = undefined;
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
    const before = this.#sampledAt;
    this.#sampledAt = now;
    this.#sampleOld(counters, { now, before, startedAt });
  }
  /** Samples that come in a burst (we were late, or a replay) still cover a cycle each. */
  #coveredMs(now: number): number {
    const elapsedMs = this.#sampledAt === undefined ? 0 : now - this.#sampledAt;
    return elapsedMs < this.#intervalMs / 2 ? this.#intervalMs : elapsedMs;
  }
  #sampleOld(counters: LenaMap, instants: Instants): void {
    const [startMs, beforeBytes, afterBytes, maxBytes, count] = numbersOf(counters.get('GcMemory'));
    if (count === undefined || count < 0) return;
    this.fullGcs = count;
    if (startMs === undefined || startMs < 0 || afterBytes === undefined || afterBytes < 0) return;
    const last = this.#oldStartMs;
    this.#oldStartMs = startMs;
    if (startMs === 0 && count === 0) return;
    this.afterGcBytes = afterBytes;
    // The count may lag a sample behind the sizes (recorded): the start is what names a collection.
    if (last === startMs) return;
    const at = collectedAt(startMs, last !== undefined, instants);
    if (at === undefined) return;
    this.lastFullGc = { at, beforeBytes: sizeOf(beforeBytes), afterBytes, maxBytes: sizeOf(maxBytes) };
  }
}

/** The advertiser sends −2 for what it cannot read yet. */
const sizeOf = (bytes: number | undefined): number | undefined =>
  bytes !== undefined && bytes >= 0 ? bytes : undefined;

interface Instants {
  readonly now: number;
  /** When the sample before came. */
  readonly before: number | undefined;
  readonly startedAt: number | undefined;
}

/**
 * A collection that the sample before did not know was after it, less the cycle by which counters may lag; where the
 * server's clock says otherwise, the arrival stands for it. Of the first one heard only the server can tell.
 */
function collectedAt(
  startMs: number,
  isNew: boolean,
  { now, before, startedAt }: Instants,
): number | undefined {
  const told = startedAt === undefined ? undefined : startedAt + startMs;
  if (!isNew || before === undefined) return told === undefined ? undefined : Math.min(now, told);
  return told !== undefined && told <= now && told >= before - LAG_MS ? told : now;
}
/** Two cycles. */
const LAG_MS = 4_000;
