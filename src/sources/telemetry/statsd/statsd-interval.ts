import { ownText } from '../../../wire/own-text.ts';

const DEFAULT_MS = 10_000;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 120_000;
const STEP_MS = 500;
/** A gauge not sent for so long is no measure any more; another takes its place. */
const MARKER_GONE_MS = 180_000;

/** How often a sender reports, from the times one of its gauges comes again; ten seconds until that is known. */
export class StatsdInterval {
  #marker: string | undefined = undefined;
  #markedAt = 0;
  #meanMs: number | undefined = undefined;

  /** A gauge came. */
  add(series: string, now: number): void {
    if (this.#marker === undefined || now - this.#markedAt > MARKER_GONE_MS) {
      this.#marker = ownText(series);
      this.#markedAt = now;
      return;
    }
    if (series !== this.#marker) return;
    const gapMs = now - this.#markedAt;
    // Several values of one push are one.
    if (gapMs < STEP_MS) return;
    this.#markedAt = now;
    this.#meanMs = this.#meanMs === undefined ? gapMs : this.#meanMs + (gapMs - this.#meanMs) / 4;
  }
  get intervalMs(): number {
    if (this.#meanMs === undefined) return DEFAULT_MS;
    const rounded = Math.round(this.#meanMs / STEP_MS) * STEP_MS;
    return Math.max(SHORTEST_MS, Math.min(LONGEST_MS, rounded));
  }
}
