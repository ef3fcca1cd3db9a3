import { cleanLine } from '../../../core/text.ts';

/** Told for so long after the last refusal. */
const TOLD_MS = 60_000;
const MAX_REMEMBERED = 64;
const MAX_TOLD = 3;

/** Agents whose key was not the one of their identity: no row can tell of them. */
export class RefusedKeys {
  readonly #refusals = new Map<string, number>();

  add(address: string, identity: string | undefined, at: number): void {
    const who = identity === undefined ? address : `${address} (${cleanLine(identity, 128)})`;
    this.#refusals.delete(who);
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size >= MAX_REMEMBERED && oldest !== undefined) this.#refusals.delete(oldest);
    this.#refusals.set(who, at);
  }
  /** The last ones, in the order of their addresses. */
  notes(now: number): readonly string[] {
    return [...this.#refusals]
      .filter(([, at]) => now - at < TOLD_MS)
      .slice(-MAX_TOLD)
      .map(([who]) => `refuses the agent at ${who}: its key is not that of its identity`)
      .sort((a, b) => (a < b ? -1 : 1));
  }
}
