const AGAIN_MS = 60_000;
const MAX_LINES = 1_024;

/** Passes a line on, but what stays as it is only once a minute. */
export class SaidOnce {
  readonly #said = new Map<string, number>();
  readonly #monotonic: () => number;
  readonly #say: (line: string) => void;

  constructor(monotonic: () => number, say: (line: string) => void) {
    this.#monotonic = monotonic;
    this.#say = say;
  }
  say(line: string): void {
    const now = this.#monotonic();
    if (now - (this.#said.get(line) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    this.#said.delete(line);
    this.#said.set(line, now);
    const [oldest] = this.#said.keys();
    if (this.#said.size > MAX_LINES && oldest !== undefined) this.#said.delete(oldest);
    this.#say(line);
  }
}
