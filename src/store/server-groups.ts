import type { Instance } from '../domain/instance.ts';
import { Multimap } from './multimap.ts';
import type { ServerEntry } from './server-entry.ts';
import { pairKeyOf, workloadKeyOf } from './server-keys.ts';
import type { ServerFacts } from './server-row.ts';

/** Servers by the workload that keeps them, and session servers by their pair. */
export class ServerGroups {
  readonly #byWorkload = new Multimap();
  readonly #byPair = new Multimap();

  ofWorkload(workloadKey: string): Iterable<string> {
    return this.#byWorkload.get(workloadKey);
  }
  ofPair(pairKey: string): Iterable<string> {
    return this.#byPair.get(pairKey);
  }
  /** Enters a server where it belongs now; the peers of its pairs, before and now, are added to `keys`. */
  enter(key: string, entry: ServerEntry, facts: ServerFacts, keys: Set<string>): void {
    this.#enterWorkload(key, entry, entry.records.instance);
    const pairKey = facts.type === 'session' ? pairKeyOf(facts) : undefined;
    if (pairKey !== entry.pairKey) {
      this.#unpair(key, entry, keys);
      if (pairKey !== undefined) this.#byPair.add(pairKey, key);
      entry.pairKey = pairKey;
    }
    if (pairKey !== undefined) for (const peer of this.#byPair.get(pairKey)) keys.add(peer);
  }
  leave(key: string, entry: ServerEntry): void {
    if (entry.workloadKey !== undefined) this.#byWorkload.delete(entry.workloadKey, key);
    this.#unpair(key, entry);
  }

  #enterWorkload(key: string, entry: ServerEntry, instance: Instance | undefined): void {
    const workloadKey = instance === undefined ? undefined : workloadKeyOf(instance);
    if (workloadKey === entry.workloadKey) return;
    if (entry.workloadKey !== undefined) this.#byWorkload.delete(entry.workloadKey, key);
    if (workloadKey !== undefined) this.#byWorkload.add(workloadKey, key);
    entry.workloadKey = workloadKey;
  }
  #unpair(key: string, entry: ServerEntry, keys?: Set<string>): void {
    if (entry.pairKey === undefined) return;
    this.#byPair.delete(entry.pairKey, key);
    if (keys !== undefined) for (const peer of this.#byPair.get(entry.pairKey)) keys.add(peer);
  }
}
