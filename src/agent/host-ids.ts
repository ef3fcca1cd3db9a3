/** Names remembered, so that a JVM that comes back is called as before. */
const MAX_REMEMBERED = 256;
const ID_LENGTH = 128;

/**
 * Ids of the JVMs of one host: the host's name while there is one only, `host/name` for each further one. A JVM that
 * comes back under its name gets its id back, so that its row stays the same.
 */
export class HostIds {
  readonly #host: string;
  readonly #taken = new Set<string>();
  readonly #remembered = new Map<string, string>();

  constructor(host: string) {
    this.#host = host;
  }
  /** `isAlone`: no other one was found together with it. */
  take(name: string, isAlone: boolean): string {
    const known = this.#remembered.get(name);
    if (known !== undefined && !this.#taken.has(known)) return this.#give(name, known);
    if (isAlone && this.#taken.size === 0 && !this.#isPromised(this.#host))
      return this.#give(name, this.#host);
    for (let twin = 1; ; twin++) {
      const called = twin === 1 ? name : `${name}-${twin}`;
      const id = `${this.#host}/${called}`.slice(0, ID_LENGTH);
      const isFree = !this.#taken.has(id) && (this.#remembered.get(called) ?? id) === id;
      if (isFree || twin > MAX_REMEMBERED) return this.#give(called, id);
    }
  }
  release(id: string): void {
    this.#taken.delete(id);
  }
  #isPromised(id: string): boolean {
    return [...this.#remembered.values()].includes(id);
  }
  #give(name: string, id: string): string {
    this.#taken.add(id);
    this.#remembered.delete(name);
    this.#remembered.set(name, id);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    return id;
  }
}
