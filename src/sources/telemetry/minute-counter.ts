const SLOT_MS = 5_000;
const SLOTS = 12;

/** How many things happened in the last minute, in steps of five seconds. */
export class MinuteCounter {
  readonly #slots = new Uint32Array(SLOTS);
  #newest = 0;
  #total = 0;

  #moveTo(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    if (slot <= this.#newest) return;
    const steps = Math.min(SLOTS, slot - this.#newest);
    for (let i = 1; i <= steps; i++) {
      const index = (this.#newest + i) % SLOTS;
      this.#total -= this.#slots[index] ?? 0;
      this.#slots[index] = 0;
    }
    if (steps === SLOTS) {
      this.#slots.fill(0);
      this.#total = 0;
    }
    this.#newest = slot;
  }
  add(now: number): void {
    this.#moveTo(now);
    const index = this.#newest % SLOTS;
    this.#slots[index] = (this.#slots[index] ?? 0) + 1;
    this.#total++;
  }
  count(now: number): number {
    this.#moveTo(now);
    return this.#total;
  }
}
