import { Multimap } from '../multimap.ts';
import type { Identity } from './identity.ts';
import { offeredKeys } from './join-keys.ts';

/** Who can be found, by every key they offer. */
export class OfferBook {
  readonly #identities = new Map<string, Identity>();
  readonly #byKey = new Multimap();

  get(key: string): Identity | undefined {
    return this.#identities.get(key);
  }
  /** Enters, changes or (`undefined`) removes one; the answer is every key offered before or after. */
  set(key: string, identity: Identity | undefined): readonly string[] {
    const before = this.#identities.get(key);
    const old = before === undefined ? [] : offeredKeys(before);
    for (const offered of old) this.#byKey.delete(offered, key);
    if (identity === undefined) {
      this.#identities.delete(key);
      return old;
    }
    this.#identities.set(key, identity);
    const now = offeredKeys(identity);
    for (const offered of now) this.#byKey.add(offered, key);
    return [...old, ...now];
  }
  find(offered: string): Iterable<string> {
    return this.#byKey.get(offered);
  }
}

/** Who is looking, by every key they look under; so that a new offer finds the seekers it concerns. */
export class SeekBook {
  readonly #sought = new Map<string, readonly string[]>();
  readonly #byKey = new Multimap();

  set(key: string, sought: readonly string[] | undefined): void {
    for (const old of this.#sought.get(key) ?? []) this.#byKey.delete(old, key);
    if (sought === undefined) {
      this.#sought.delete(key);
      return;
    }
    this.#sought.set(key, sought);
    for (const one of sought) this.#byKey.add(one, key);
  }
  addSeekersTo(result: Set<string>, offered: Iterable<string>): void {
    for (const key of offered) for (const seeker of this.#byKey.get(key)) result.add(seeker);
  }
}
