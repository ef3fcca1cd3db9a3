/** What becomes of a numbered message. */
export type Taken = 'now' | 'later' | 'again' | 'tooMuch';

/**
 * Puts numbered messages in their order: each is handed on once, one that came early waits for those before it, and
 * no more wait than the bounds allow. What is `tooMuch` is to be sent again by its sender, so it is not acknowledged.
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
  take(sequence: number, message: T, bytes: number): Taken {
    if (sequence < this.#next || this.#waiting.has(sequence)) return 'again';
    if (sequence > this.#next) {
      const isFull = this.#waiting.size >= this.#maxMessages || this.#waitingBytes + bytes > this.#maxBytes;
      if (isFull) return 'tooMuch';
      this.#waiting.set(sequence, { message, bytes });
      this.#waitingBytes += bytes;
      return 'later';
    }
    this.#next++;
    this.#hand(message);
    this.#handWaiting();
    return 'now';
  }
  #handWaiting(): void {
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
