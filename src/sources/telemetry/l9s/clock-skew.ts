const SAMPLES = 15;

/** Sender's clock minus ours: the median of the last samples, for a single late datagram says nothing. */
export class ClockSkew {
  readonly #samples: number[] = [];

  add(sentAt: number, receivedAt: number): void {
    if (this.#samples.length >= SAMPLES) this.#samples.shift();
    this.#samples.push(sentAt - receivedAt);
  }
  get medianMs(): number | undefined {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1];
  }
}
