const SLOT_MS = 2_000;
const SLOTS = 15;

interface Slot {
  number: number;
  count: number;
  timeMs: number;
  errors: number;
}

/** Requests of the last thirty seconds, as LENA counts them; from single timings, weighed by their sample rate. */
export class RequestWindow {
  readonly #slots: readonly Slot[] = Array.from({ length: SLOTS }, () => ({
    number: -1,
    count: 0,
    timeMs: 0,
    errors: 0,
  }));
  #firstAt: number | undefined = undefined;

  add(now: number, durationMs: number, facts: { readonly weight: number; readonly isError: boolean }): void {
    this.#firstAt ??= now;
    const number = Math.floor(now / SLOT_MS);
    const slot = this.#slots[number % SLOTS];
    if (slot === undefined) return;
    if (slot.number !== number) Object.assign(slot, { number, count: 0, timeMs: 0, errors: 0 });
    slot.count += facts.weight;
    slot.timeMs += durationMs * facts.weight;
    if (facts.isError) slot.errors += facts.weight;
  }
  /** Undefined before the first request; `meanMs` and `errorPercent` where there was one in the window. */
  ratesAt(
    now: number,
  ):
    | { readonly tps: number; readonly meanMs: number | undefined; readonly errorPercent: number | undefined }
    | undefined {
    if (this.#firstAt === undefined) return undefined;
    const oldest = Math.floor(now / SLOT_MS) - SLOTS;
    let count = 0;
    let timeMs = 0;
    let errors = 0;
    for (const slot of this.#slots) {
      if (slot.number <= oldest) continue;
      count += slot.count;
      timeMs += slot.timeMs;
      errors += slot.errors;
    }
    // The first slot counts whole, so that one request at the start is not a rate of hundreds.
    const heardMs = Math.max(SLOT_MS, now - Math.floor(this.#firstAt / SLOT_MS) * SLOT_MS);
    const tps = (count * 1_000) / Math.min(heardMs, SLOT_MS * SLOTS);
    return {
      tps,
      meanMs: count > 0 ? timeMs / count : undefined,
      errorPercent: count > 0 ? (errors * 100) / count : undefined,
    };
  }
}
