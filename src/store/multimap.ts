/** Key → any number of values; a lone value is kept without a set, since most keys have one. */
export class Multimap {
  readonly #entries = new Map<string, string | Set<string>>();

  add(key: string, value: string): void {
    const held = this.#entries.get(key);
    if (held === undefined) this.#entries.set(key, value);
    else if (typeof held !== 'string') held.add(value);
    else if (held !== value) this.#entries.set(key, new Set([held, value]));
  }
  delete(key: string, value: string): void {
    const held = this.#entries.get(key);
    if (held === undefined) return;
    if (typeof held === 'string') {
      if (held === value) this.#entries.delete(key);
      return;
    }
    held.delete(value);
    if (held.size === 0) this.#entries.delete(key);
  }
  get(key: string): Iterable<string> {
    const held = this.#entries.get(key);
    if (held === undefined) return [];
    return typeof held === 'string' ? [held] : held;
  }
  keys(): Iterable<string> {
    return this.#entries.keys();
  }
}
