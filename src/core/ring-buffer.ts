/** A fixed number of newest items; pushing into a full buffer drops the oldest. */
export class RingBuffer<T> {
  readonly #items: (T | undefined)[];
  #next = 0;
  #size = 0;
  constructor(capacity: number) {
    this.#items = new Array<T | undefined>(capacity);
  }
  get size(): number {
    return this.#size;
  }
  get capacity(): number {
    return this.#items.length;
  }
  push(item: T): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#items.length;
    if (this.#size < this.#items.length) this.#size++;
  }
  /** Oldest first. */
  toArray(): T[] {
    const result: T[] = [];
    const start = this.#size < this.#items.length ? 0 : this.#next;
    for (let i = 0; i < this.#size; i++) {
      const item = this.#items[(start + i) % this.#items.length];
      if (item !== undefined) result.push(item);
    }
    return result;
  }
}
