import type { PauseTimes } from '../../domain/jvm-sample.ts';

const WINDOW_MS = 600_000;
/** Of more pauses in ten minutes than this only the newest are kept. */
const MAX_PAUSES = 512;
const FIRST_ROOM = 16;

/** The single pauses of the last ten minutes; grows with what is sent, up to 8 kB. */
export class PauseWindow {
  #at = new Float64Array(0);
  #ms = new Float64Array(0);
  #first = 0;
  #size = 0;
  #told: PauseTimes | undefined = undefined;
  #version = 0;
  #toldVersion = 0;

  add(at: number, pauseMs: number): void {
    if (this.#size === MAX_PAUSES) this.#dropFirst();
    if (this.#size === this.#at.length) this.#grow();
    const index = (this.#first + this.#size) % this.#at.length;
    this.#at[index] = at;
    this.#ms[index] = pauseMs;
    this.#size++;
    this.#version++;
  }
  clear(): void {
    this.#first = 0;
    this.#size = 0;
    this.#version++;
  }
  /** Percentiles by nearest rank; undefined where no pause was sent. */
  timesAt(now: number): PauseTimes | undefined {
    while (this.#size > 0 && (this.#at[this.#first] ?? 0) <= now - WINDOW_MS) this.#dropFirst();
    if (this.#toldVersion !== this.#version) {
      this.#toldVersion = this.#version;
      this.#told = this.#measure();
    }
    return this.#told;
  }
  #dropFirst(): void {
    this.#first = (this.#first + 1) % this.#at.length;
    this.#size--;
    this.#version++;
  }
  #measure(): PauseTimes | undefined {
    if (this.#size === 0) return undefined;
    const sorted = new Float64Array(this.#size);
    for (let i = 0; i < this.#size; i++) sorted[i] = this.#ms[(this.#first + i) % this.#ms.length] ?? 0;
    sorted.sort();
    const rank = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
    return {
      count: sorted.length,
      p50Ms: rank(0.5),
      p95Ms: rank(0.95),
      p99Ms: rank(0.99),
      maxMs: rank(1),
    };
  }
  #grow(): void {
    const room = Math.min(MAX_PAUSES, Math.max(FIRST_ROOM, this.#at.length * 2));
    const at = new Float64Array(room);
    const ms = new Float64Array(room);
    for (let i = 0; i < this.#size; i++) {
      const from = (this.#first + i) % this.#at.length;
      at[i] = this.#at[from] ?? 0;
      ms[i] = this.#ms[from] ?? 0;
    }
    this.#at = at;
    this.#ms = ms;
    this.#first = 0;
  }
}
