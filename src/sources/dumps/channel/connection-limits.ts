/** How many connections there may be, over all and of one address. */
export class ConnectionLimits {
  readonly #byAddress = new Map<string, number>();
  readonly #most: number;
  readonly #mostOfOne: number;
  #total = 0;

  constructor(most = 2_000, mostOfOne = 16) {
    this.#most = most;
    this.#mostOfOne = mostOfOne;
  }
  get total(): number {
    return this.#total;
  }
  /** Counts one more; false where there is no room. */
  take(address: string): boolean {
    const own = this.#byAddress.get(address) ?? 0;
    if (this.#total >= this.#most || own >= this.#mostOfOne) return false;
    this.#byAddress.set(address, own + 1);
    this.#total++;
    return true;
  }
  release(address: string): void {
    const own = this.#byAddress.get(address) ?? 0;
    if (own === 0) return;
    if (own === 1) this.#byAddress.delete(address);
    else this.#byAddress.set(address, own - 1);
    this.#total--;
  }
}
