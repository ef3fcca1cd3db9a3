import type { JvmSample } from '../domain/jvm-sample.ts';
import { SERIES_NAMES, type SeriesId, type SeriesPoint, type SeriesResolution } from '../domain/series.ts';

/** One slot every two seconds (LENA's cycle); ten minutes and a little. */
const SLOT_MS = 2_000;
const MAX_SLOTS = 312;
const FIRST_SLOTS = 24;
const WIDTH = SERIES_NAMES.length;

/**
 * A ring of slots, all six values of a slot side by side. Slots have no time stamp of their own: their place is
 * their time, so a point is exact to two seconds and costs 24 bytes. The ring grows with the history it holds.
 */
export class SeriesRing {
  #values = new Float32Array(FIRST_SLOTS * WIDTH).fill(Number.NaN);
  #slots = FIRST_SLOTS;
  #first: number;
  #last: number;

  constructor(at: number) {
    const slot = Math.floor(at / SLOT_MS);
    this.#first = slot;
    this.#last = slot;
  }

  write(sample: JvmSample): void {
    const slot = Math.floor(sample.at / SLOT_MS);
    if (slot <= this.#last - MAX_SLOTS) return;
    if (slot < this.#first) {
      if (this.#last - slot >= this.#slots) return;
      this.#first = slot;
    }
    if (slot > this.#last) this.#moveTo(slot);
    const at = (slot % this.#slots) * WIDTH;
    const { heap, active } = sample;
    const values = this.#values;
    values[at] = heap?.usedBytes ?? Number.NaN;
    values[at + 1] = heap?.maxBytes ?? Number.NaN;
    values[at + 2] = heap?.afterGcBytes ?? Number.NaN;
    values[at + 3] = sample.gcTimePercent ?? Number.NaN;
    values[at + 4] = sample.tps ?? Number.NaN;
    values[at + 5] = active?.total ?? Number.NaN;
  }

  read(index: number): SeriesPoint[] {
    const points: SeriesPoint[] = [];
    const from = Math.max(this.#first, this.#last - this.#slots + 1);
    for (let slot = from; slot <= this.#last; slot++) {
      const value = this.#values[(slot % this.#slots) * WIDTH + index];
      if (value !== undefined && !Number.isNaN(value)) points.push({ at: slot * SLOT_MS, value });
    }
    return points;
  }

  #moveTo(slot: number): void {
    if (slot - this.#first >= this.#slots) this.#grow(slot - this.#first + 1);
    const gap = slot - this.#last;
    if (gap >= this.#slots) this.#values.fill(Number.NaN);
    else {
      // The slot itself is written at once.
      for (let passed = this.#last + 1; passed < slot; passed++) {
        const at = (passed % this.#slots) * WIDTH;
        this.#values.fill(Number.NaN, at, at + WIDTH);
      }
    }
    this.#last = slot;
    this.#first = Math.max(this.#first, slot - this.#slots + 1);
  }

  #grow(wanted: number): void {
    const slots = Math.min(MAX_SLOTS, Math.max(wanted, this.#slots * 2));
    if (slots === this.#slots) return;
    const values = new Float32Array(slots * WIDTH).fill(Number.NaN);
    for (let slot = Math.max(this.#first, this.#last - slots + 1); slot <= this.#last; slot++) {
      const from = (slot % this.#slots) * WIDTH;
      values.set(this.#values.subarray(from, from + WIDTH), (slot % slots) * WIDTH);
    }
    this.#values = values;
    this.#slots = slots;
  }
}

/** Ten minutes of the six series of every server that has ever sent a sample; nothing for the others. */
export class SeriesStore {
  readonly #rings = new Map<string, SeriesRing>();

  /** The ring of one server, to be written to as long as the server is there. */
  open(server: string, at: number): SeriesRing {
    let ring = this.#rings.get(server);
    if (ring === undefined) {
      ring = new SeriesRing(at);
      this.#rings.set(server, ring);
    }
    return ring;
  }
  read(server: string, id: SeriesId, resolution: SeriesResolution): readonly SeriesPoint[] {
    const names: readonly SeriesId[] = SERIES_NAMES;
    const index = names.indexOf(id);
    return resolution === 'coarse' || index < 0 ? [] : (this.#rings.get(server)?.read(index) ?? []);
  }
  /** Keeps the history when a server's row moves, e.g. once its orchestrator is heard. */
  move(from: string, to: string): void {
    const ring = this.#rings.get(from);
    if (ring === undefined || this.#rings.has(to)) return;
    this.#rings.set(to, ring);
    this.#rings.delete(from);
  }
  delete(server: string): void {
    this.#rings.delete(server);
  }
}
