import type { Dump } from '../domain/dump.ts';
import { refKey } from '../domain/ref.ts';

/** The newest thread dump of each server that was read, by the server's key. */
export class DumpVerdicts {
  #newest: ReadonlyMap<string, Dump> = new Map();

  /** Keys of the servers whose newest one is another now. */
  update(touched: ReadonlyMap<string, Dump | undefined>, rows: ReadonlyMap<string, Dump>): readonly string[] {
    if (touched.size === 0) return NOTHING;
    const next = new Map<string, Dump>();
    for (const dump of rows.values()) {
      if (dump.kind !== 'thread' || dump.verdict === undefined) continue;
      const key = refKey(dump.server);
      const known = next.get(key);
      if (known === undefined || known.takenAt < dump.takenAt) next.set(key, dump);
    }
    const before = this.#newest;
    this.#newest = next;
    return [...new Set([...before.keys(), ...next.keys()])].filter(
      (key) => before.get(key) !== next.get(key),
    );
  }
  of(serverKey: string): Dump | undefined {
    return this.#newest.get(serverKey);
  }
}
const NOTHING: readonly string[] = [];
