import type { PauseTimes } from '../../domain/jvm-sample.ts';
import { Holding, type ValueBudget } from './value-budget.ts';

const TEN_MINUTES_MS = 600_000;
/** Of more values in the window than this only the newest are kept. */
const MAX_VALUES = 512;
/** Values that take one unit of the budget, and by which the window begins. */
const VALUES_PER_UNIT = 16;

/** Single durations of the last minutes; grows with what is sent, up to 8 kB, as the budget has room. */
export class PauseWindow {
  readonly #windowMs: number;
  readonly #holding: Holding | undefined;
  #at = new Float64Array(0);
  #ms = new Float64Array(0);
  #first = 0;
  #size = 0;
  #told: PauseTimes | undefined = undefined;
  #version = 0;
  #toldVersion = 0;

  /** Without a budget its own bound is the only one. */
  constructor(budget?: ValueBudget, windowMs = TEN_MINUTES_MS) {
    this.#windowMs = windowMs;
    this.#holding = budget && new Holding(budget);
  }
  add(at: number, durationMs: number): void {
    if (this.#size === this.#at.length) this.#grow();
    if (this.#size === this.#at.length) this.#dropFirst();
    if (this.#at.length === 0) return;
    const index = (this.#first + this.#size) % this.#at.length;
    this.#at[index] = at;
    this.#ms[index] = durationMs;
    this.#size++;
    this.#version++;
  }
  /** Forgets all, and gives back the room. */
  clear(): void {
    this.#holding?.resize(0);
    this.#at = new Float64Array(0);
    this.#ms = new Float64Array(0);
    this.#first = 0;
    this.#size = 0;
    this.#version++;
  }
  /** Percentiles by nearest rank; undefined where none was sent. */
  timesAt(now: number): PauseTimes | undefined {
    while (this.#size > 0 && (this.#at[this.#first] ?? 0) <= now - this.#windowMs) this.#dropFirst();
    if (this.#toldVersion !== this.#version) {
      this.#toldVersion = this.#version;
      this.#told = this.#measure();
    }
    return this.#told;
  }
  #dropFirst(): void {
    if (this.#size === 0) return;
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
    const room = Math.min(MAX_VALUES, Math.max(VALUES_PER_UNIT, this.#at.length * 2));
    if (room === this.#at.length || this.#holding?.resize(room / VALUES_PER_UNIT) === false) return;
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
