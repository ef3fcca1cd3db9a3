const WINDOW_MS = 60_000;
const MAX_MARKS = 32;

interface Mark {
  readonly upMs: number;
  readonly value: number;
}

/** What a count that grows since the start grew by a second, over the last minute; anew after it shrank. */
export class CountRate {
  readonly #marks: Mark[] = [];

  add(upMs: number, value: number | undefined): void {
    if (value === undefined) return;
    const last = this.#marks.at(-1);
    if (last !== undefined && (value < last.value || upMs < last.upMs)) this.clear();
    if (last !== undefined && upMs === last.upMs) this.#marks.pop();
    this.#marks.push({ upMs, value });
    for (let second = this.#marks[1]; second !== undefined; second = this.#marks[1]) {
      if (second.upMs > upMs - WINDOW_MS && this.#marks.length <= MAX_MARKS) return;
      this.#marks.shift();
    }
  }
  clear(): void {
    this.#marks.length = 0;
  }
  /** Undefined until two counts are known. */
  get perSecond(): number | undefined {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.upMs <= first.upMs) return undefined;
    return ((last.value - first.value) * 1_000) / (last.upMs - first.upMs);
  }
}

/** Rates of what `l9s/1` tells as counts since the start. */
export class L9sRates {
  readonly requests = new CountRate();
  readonly traffic = new CountRate();
  readonly errors = new CountRate();

  restart(): void {
    this.requests.clear();
    this.traffic.clear();
    this.errors.clear();
  }
  /** Percent of the requests that failed, where both are known; a rate of errors beyond all requests says nothing. */
  errorPercent(requestsPerSecond: number | undefined): number | undefined {
    const { perSecond } = this.errors;
    if (perSecond === undefined || requestsPerSecond === undefined) return undefined;
    if (perSecond === 0) return 0;
    return perSecond > requestsPerSecond ? undefined : (perSecond * 100) / requestsPerSecond;
  }
}
