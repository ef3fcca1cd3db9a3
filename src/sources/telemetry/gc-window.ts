import type { GcInterval } from '../../domain/jvm-sample.ts';

const WINDOW_MS = 60_000;
const MAX_ENTRIES = 128;
/** No JVM collects so often, or for so long, in one interval: kept, it would swallow all that is added after it. */
const MOST = { count: 1e9, timeMs: 1e12 };

interface Entry extends GcInterval {
  readonly at: number;
}

/** Collections and their time over the last minute, from what each sample adds and the time it covers. */
export class GcWindow {
  readonly #entries: Entry[] = [];
  #coveredMs = 0;
  #count = 0;
  #timeMs = 0;
  /** Added since a sample was last told, and what was told with the one at `toldAt`. */
  #untold: GcInterval | undefined = undefined;
  #told: GcInterval | undefined = undefined;
  #toldAt: number | undefined = undefined;

  /** `coveredMs`: how long before `at` the addition began. */
  add(entry: Entry): void {
    if (entry.count > MOST.count || entry.timeMs > MOST.timeMs) return;
    this.#entries.push(entry);
    this.#coveredMs += entry.coveredMs;
    this.#count += entry.count;
    this.#timeMs += entry.timeMs;
    const untold = this.#untold;
    this.#untold =
      untold === undefined
        ? entry
        : {
            coveredMs: untold.coveredMs + entry.coveredMs,
            count: untold.count + entry.count,
            timeMs: untold.timeMs + entry.timeMs,
          };
    for (let oldest = this.#entries[0]; oldest !== undefined; oldest = this.#entries[0]) {
      if (oldest.at > entry.at - WINDOW_MS && this.#entries.length <= MAX_ENTRIES) return;
      this.#entries.shift();
      this.#coveredMs -= oldest.coveredMs;
      this.#count -= oldest.count;
      this.#timeMs -= oldest.timeMs;
    }
  }
  /**
   * What was added up to the sample at `sampledAt`, since the one told before: two samples that come within one flush
   * lose nothing, and the same sample told again says the same.
   */
  intervalOf(sampledAt: number): GcInterval | undefined {
    if (sampledAt !== this.#toldAt) {
      this.#toldAt = sampledAt;
      const untold = this.#untold;
      this.#told = untold && {
        coveredMs: untold.coveredMs,
        count: untold.count,
        timeMs: untold.timeMs,
      };
      this.#untold = undefined;
    }
    return this.#told;
  }
  clear(): void {
    this.#entries.length = 0;
    this.#coveredMs = 0;
    this.#count = 0;
    this.#timeMs = 0;
    this.#untold = undefined;
    this.#told = undefined;
    this.#toldAt = undefined;
  }
  get perMinute(): number | undefined {
    return this.#coveredMs > 0 ? Math.max(0, (this.#count * 60_000) / this.#coveredMs) : undefined;
  }
  /** Of wall time, 0–100. */
  get timePercent(): number | undefined {
    return this.#coveredMs > 0
      ? Math.max(0, Math.min(100, (this.#timeMs * 100) / this.#coveredMs))
      : undefined;
  }
}
