/** Readings in a row in which a JVM's clock moved, before its standing still means anything. */
const STEADY_READINGS = 8;
/** JVMs that write their clock do so every 50 ms; a reading that finds it unmoved for less proves nothing. */
const UNMOVED_MS = 1_000;
/** Two readings so close together may find the same without meaning anything. */
const TOO_SOON_MS = 250;

/**
 * Whether a JVM's clock, as its file tells it, moves from reading to reading. Not every JVM writes it while nothing
 * happens, so only one whose clock was seen to move steadily is ever said to stand still.
 */
export class ClockPace {
  #upMs: number | undefined = undefined;
  #movedAt = 0;
  #steady = 0;
  #now = 0;

  take(upMs: number, monotonicMs: number): void {
    this.#now = monotonicMs;
    if (upMs !== this.#upMs) {
      if (this.#upMs !== undefined) this.#steady++;
      this.#upMs = upMs;
      this.#movedAt = monotonicMs;
    } else if (this.#steady < STEADY_READINGS && monotonicMs - this.#movedAt >= TOO_SOON_MS) this.#steady = 0;
  }
  /** For how long it has stood still; `undefined` where that cannot be told of this JVM. */
  get stalledMs(): number | undefined {
    if (this.#steady < STEADY_READINGS) return undefined;
    const forMs = this.#now - this.#movedAt;
    return forMs < UNMOVED_MS ? 0 : Math.round(forMs);
  }
}
