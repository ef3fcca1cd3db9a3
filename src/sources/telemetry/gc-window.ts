const WINDOW_MS = 60_000;
const MAX_ENTRIES = 128;

interface Entry {
  readonly at: number;
  readonly coveredMs: number;
  readonly count: number;
  readonly timeMs: number;
}

/** Collections and their time over the last minute, from what each sample adds and the time it covers. */
export class GcWindow {
  readonly #entries: Entry[] = [];
  #coveredMs = 0;
  #count = 0;
  #timeMs = 0;

  /** `coveredMs`: how long before `at` the addition began. */
  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#coveredMs += entry.coveredMs;
    this.#count += entry.count;
    this.#timeMs += entry.timeMs;
    for (let oldest = this.#entries[0]; oldest !== undefined; oldest = this.#entries[0]) {
      if (oldest.at > entry.at - WINDOW_MS && this.#entries.length <= MAX_ENTRIES) return;
      this.#entries.shift();
      this.#coveredMs -= oldest.coveredMs;
      this.#count -= oldest.count;
      this.#timeMs -= oldest.timeMs;
    }
  }
  clear(): void {
    this.#entries.length = 0;
    this.#coveredMs = 0;
    this.#count = 0;
    this.#timeMs = 0;
  }
  get perMinute(): number | undefined {
    return this.#coveredMs > 0 ? (this.#count * 60_000) / this.#coveredMs : undefined;
  }
  /** Of wall time, 0–100. */
  get timePercent(): number | undefined {
    return this.#coveredMs > 0 ? Math.min(100, (this.#timeMs * 100) / this.#coveredMs) : undefined;
  }
}
