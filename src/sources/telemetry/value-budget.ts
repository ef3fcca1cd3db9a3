/** How many named values all senders together may make us keep: a bound on memory whatever is sent. */
export class ValueBudget {
  readonly #max: number;
  #held = 0;
  /** Values that found no room, each time they came. */
  refused = 0;

  constructor(max: number) {
    this.#max = max;
  }
  get held(): number {
    return this.#held;
  }
  take(count: number): boolean {
    if (this.#held + count > this.#max) {
      this.refused += count;
      return false;
    }
    this.#held += count;
    return true;
  }
  give(count: number): void {
    this.#held -= count;
  }
}

/** One sender's part of the budget. */
export class Holding {
  readonly #budget: ValueBudget;
  #held = 0;

  constructor(budget: ValueBudget) {
    this.#budget = budget;
  }
  /** One more value; false where there is no room for it. */
  add(): boolean {
    if (!this.#budget.take(1)) return false;
    this.#held++;
    return true;
  }
  give(count: number): void {
    const given = Math.min(count, this.#held);
    this.#held -= given;
    this.#budget.give(given);
  }
  /** Holds so many from now on; false, and as many as before, where there is no room. */
  resize(count: number): boolean {
    if (count < this.#held) this.give(this.#held - count);
    else if (count > this.#held && !this.#budget.take(count - this.#held)) return false;
    this.#held = count;
    return true;
  }
}
