import type { CounterBag } from '../counters.ts';

/** Types told apart; all further ones are counted together. */
const MAX_TYPES = 8;
const OTHER_TYPES = -1;

/** Packs of a form that is not known, by their type. */
export class UnreadPacks {
  readonly #counts = new Map<number, number>();

  add(packType: number): void {
    const kind = this.#counts.has(packType) || this.#counts.size < MAX_TYPES ? packType : OTHER_TYPES;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }
  addTo(bag: CounterBag): void {
    if (this.#counts.size === 0) return;
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    bag.add('unreadPacks', total);
    for (const [packType, count] of this.#counts)
      bag.add(packType === OTHER_TYPES ? 'unreadPacks.others' : `unreadPacks.type${packType}`, count);
  }
}
