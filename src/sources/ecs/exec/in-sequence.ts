/**
 * Puts numbered messages in their order: each is handed on once, one that came early waits for those before it, and
 * no more wait than the bounds allow.
 */
export class InSequence<T> {
  readonly #waiting = new Map<number, { readonly message: T; readonly bytes: number }>();
  readonly #hand: (message: T) => void;
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  #waitingBytes = 0;
  #next = 0;

  constructor(options: {
    readonly hand: (message: T) => void;
    readonly maxMessages: number;
    readonly maxBytes: number;
  }) {
    this.#hand = options.hand;
    this.#maxMessages = options.maxMessages;
    this.#maxBytes = options.maxBytes;
  }
  /** How many came early and wait. */
  get waiting(): number {
    return this.#waiting.size;
  }
  /** False where there is no room for one that came early: its sender must send it again. */
  canTake(sequence: number, bytes: number): boolean {
    if (sequence <= this.#next || this.#waiting.has(sequence)) return true;
    return this.#waiting.size < this.#maxMessages && this.#waitingBytes + bytes <= this.#maxBytes;
  }
  /** One that came before does nothing. */
  take(sequence: number, message: T, bytes: number): void {
    if (sequence < this.#next || this.#waiting.has(sequence) || !this.canTake(sequence, bytes)) return;
    if (sequence > this.#next) {
      this.#waiting.set(sequence, { message, bytes });
      this.#waitingBytes += bytes;
      return;
    }
    this.#next++;
    this.#hand(message);
    for (
      let entry = this.#waiting.get(this.#next);
      entry !== undefined;
      entry = this.#waiting.get(this.#next)
    ) {
      this.#waiting.delete(this.#next);
      this.#waitingBytes -= entry.bytes;
      this.#next++;
      this.#hand(entry.message);
    }
  }
}
