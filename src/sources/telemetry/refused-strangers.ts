import { kindOfReason } from './reject-reasons.ts';

/** Told for so long after the last refusal. */
const TOLD_MS = 60_000;
const MAX_REMEMBERED = 64;
const MAX_TOLD = 3;

interface Refusal {
  readonly reason: string;
  readonly at: number;
}

/** Addresses whose datagrams are refused and that were never understood: no row of a sender can tell of them. */
export class RefusedStrangers {
  readonly #refusals = new Map<string, Refusal>();

  add(address: string, reason: string, at: number): void {
    this.#refusals.delete(address);
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size >= MAX_REMEMBERED && oldest !== undefined) this.#refusals.delete(oldest);
    this.#refusals.set(address, { reason: kindOfReason(reason), at });
  }
  /** The last ones, in the order of their addresses. */
  notes(now: number): readonly string[] {
    return [...this.#refusals]
      .filter(([, { at }]) => now - at < TOLD_MS)
      .slice(-MAX_TOLD)
      .map(([address, { reason }]) => `refuses datagrams of ${address} (${reason})`)
      .sort((a, b) => (a < b ? -1 : 1));
  }
}
