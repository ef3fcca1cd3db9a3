const MAX_REMEMBERED = 20_000;

/** When an orchestrator dropped the servers it no longer has, by context and host name; the newest are remembered. */
export class Departures {
  readonly #at = new Map<string, number>();

  left(context: string, hosts: readonly string[], at: number): void {
    for (const host of hosts) {
      const key = `${context}\n${host}`;
      this.#at.delete(key);
      this.#at.set(key, at);
    }
    for (const oldest of this.#at.keys()) {
      if (this.#at.size <= MAX_REMEMBERED) break;
      this.#at.delete(oldest);
    }
  }
  returned(context: string, hosts: readonly string[]): void {
    for (const host of hosts) this.#at.delete(`${context}\n${host}`);
  }
  /** The latest departure of any of these hosts from any of these contexts. */
  find(contexts: Iterable<string>, hosts: readonly string[]): number | undefined {
    if (this.#at.size === 0 || hosts.length === 0) return undefined;
    let latest: number | undefined;
    for (const context of contexts) {
      for (const host of hosts) {
        const at = this.#at.get(`${context}\n${host}`);
        if (at !== undefined && (latest === undefined || at > latest)) latest = at;
      }
    }
    return latest;
  }
}
