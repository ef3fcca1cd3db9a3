/** Ids remembered, so that a JVM that comes back is called as before. */
const MAX_REMEMBERED = 256;
const ID_LENGTH = 128;

/** A JVM that asks for an id. */
export interface Claimant {
  readonly name: string;
  /** What it was started with: tells twins of one name apart when both come back. */
  readonly likeness: string;
  /** No other one was found together with it, and none will be. */
  readonly isOnly: boolean;
}

/**
 * Ids of the JVMs of one host: the host's name for the only one, `host/name` for each of several. A JVM that comes back
 * gets its id back, so that its row stays the same: by its name and what it was started with, or by its name alone
 * where that leaves no doubt.
 */
export class HostIds {
  readonly #host: string;
  readonly #taken = new Set<string>();
  /** By id, the one heard of longest ago first. */
  readonly #remembered = new Map<string, Claimant>();

  constructor(host: string) {
    this.#host = host;
  }
  take(claimant: Claimant): string {
    const { name, isOnly } = claimant;
    const back = this.#idBefore(claimant);
    if (back !== undefined) return this.#give(claimant, back);
    if (isOnly && this.#taken.size === 0 && !this.#remembered.has(this.#host))
      return this.#give(claimant, this.#host);
    for (let twin = 1; ; twin++) {
      const called = twin === 1 ? name : `${name}-${twin}`;
      const id = `${this.#host}/${called}`.slice(0, ID_LENGTH);
      if ((!this.#taken.has(id) && !this.#remembered.has(id)) || twin > MAX_REMEMBERED)
        return this.#give(claimant, id);
    }
  }
  release(id: string): void {
    this.#taken.delete(id);
  }
  #idBefore({ name, likeness }: Claimant): string | undefined {
    const free = [...this.#remembered].filter(([id, known]) => known.name === name && !this.#taken.has(id));
    const [same] = free.find(([, known]) => known.likeness === likeness) ?? [];
    // Started with other arguments it is still itself, where no other one of that name is gone.
    return same ?? (free.length === 1 ? free[0]?.[0] : undefined);
  }
  #give(claimant: Claimant, id: string): string {
    this.#taken.add(id);
    this.#remembered.delete(id);
    this.#remembered.set(id, claimant);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    return id;
  }
}
