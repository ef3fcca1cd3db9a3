import type { L9sHead } from '../../../wire/l9s/datagram.ts';

export type Arrival = 'next' | 'restart' | 'late' | 'repeat';

/** More missing at once than this says that the numbers mean nothing. */
const MAX_GAP = 100_000;
/** Start times of one JVM, computed from clock and uptime, agree to this. */
const SAME_START_MS = 1_500;
/**
 * Datagrams overtake one another singly; so many behind, each newer than the one before it, are a new start, or the
 * same JVM where its uptime goes on: then the number before was not its own, and must not hide it for ever.
 */
const LATE_IN_A_ROW = 3;

/** Reads loss, repeats and restarts from `seq` and `upMs`. */
export class L9sOrder {
  #seq: number | undefined = undefined;
  #upMs = 0;
  #startedAt = 0;
  #lateSeq = 0;
  #lateRun = 0;
  lost = 0;

  take({ seq, upMs, at }: L9sHead): Arrival {
    const last = this.#seq;
    const startedAt = at - upMs;
    if (last === undefined) return this.#advance('next', { seq, upMs, startedAt });
    // A late datagram also has a smaller number and uptime; only a restart has a later start as well.
    if (upMs < this.#upMs && startedAt > this.#startedAt + SAME_START_MS)
      return this.#advance('restart', { seq, upMs, startedAt });
    if (seq === last) return 'repeat';
    if (seq < last) {
      // Its clock was set back while it was down: the start is no later then, and only its numbers tell.
      if (this.#isRunOfLate(seq))
        return this.#advance(upMs < this.#upMs ? 'restart' : 'next', { seq, upMs, startedAt });
      this.lost = Math.max(0, this.lost - 1);
      return 'late';
    }
    const missing = seq - last - 1;
    if (missing <= MAX_GAP) this.lost += missing;
    return this.#advance('next', { seq, upMs, startedAt });
  }
  #isRunOfLate(seq: number): boolean {
    this.#lateRun = seq > this.#lateSeq ? this.#lateRun + 1 : 1;
    this.#lateSeq = seq;
    return this.#lateRun >= LATE_IN_A_ROW;
  }
  #advance(
    arrival: Arrival,
    { seq, upMs, startedAt }: { readonly seq: number; readonly upMs: number; readonly startedAt: number },
  ): Arrival {
    this.#lateRun = 0;
    this.#lateSeq = 0;
    this.#seq = seq;
    this.#upMs = upMs;
    this.#startedAt = startedAt;
    return arrival;
  }
}
