const SAMPLES = 15;
/** A sender that floods is not measured more often. */
const PAUSE_MS = 500;

/** Sender's clock minus ours: the median of the last samples, for a single late datagram says nothing. */
export class ClockSkew {
  readonly #samples: number[] = [];
  #measuredAt = Number.NEGATIVE_INFINITY;
  #medianMs: number | undefined = undefined;

  add(sentAt: number, receivedAt: number): void {
    if (Math.abs(receivedAt - this.#measuredAt) < PAUSE_MS) return;
    this.#measuredAt = receivedAt;
    if (this.#samples.length >= SAMPLES) this.#samples.shift();
    this.#samples.push(sentAt - receivedAt);
    const sorted = this.#samples.toSorted((a, b) => a - b);
    this.#medianMs = sorted[sorted.length >> 1];
  }
  get medianMs(): number | undefined {
    return this.#medianMs;
  }
}
