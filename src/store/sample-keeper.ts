import { isSameRef, type Ref, refKey } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import { isJvmTrouble } from './series/jvm-trouble.ts';
import type { SeriesStore } from './series/series-store.ts';
import type { ServerEntry } from './server-entry.ts';
import type { ServerRecords } from './server-records.ts';

export interface SampleKeeperOptions {
  readonly series: SeriesStore;
  /** Records that stand under a server's key; `undefined` where none does (any more). */
  readonly recordsUnder: (server: string) => ServerRecords | undefined;
  /** Records of which the row under a server's key was last built. */
  readonly recordsBefore: (server: string) => ServerRecords | undefined;
}

/** Keeps servers' samples, and their history as records join, part and move between rows. */
export class SampleKeeper {
  readonly #options: SampleKeeperOptions;
  /** The server that last showed a record. */
  readonly #homes = new Map<string, string>();

  constructor(options: SampleKeeperOptions) {
    this.#options = options;
  }

  /** A server's row stands on other records than before. */
  follow(key: string, before: ServerRecords, after: ServerRecords, now: number): void {
    const { series } = this.#options;
    series.settle(key);
    const uid = before.instance?.uid;
    if (uid !== undefined && after.instance?.uid !== undefined && uid !== after.instance.uid)
      series.beginAnew(key);
    this.#followRecord(key, before.registration?.ref, after.registration?.ref, after, now);
    this.#followRecord(key, before.sender?.ref, after.sender?.ref, after, now);
  }
  /** Keeps what the row shows; all series of a server in trouble. */
  keep(key: string, entry: ServerEntry, { jvm, health }: Server, now: number): void {
    const { series } = this.#options;
    const isTroubled = isJvmTrouble(health);
    if (isTroubled) series.trouble(key, !entry.isTroubled);
    else if (entry.isTroubled) series.endTrouble(key, now);
    entry.isTroubled = isTroubled;
    if (jvm !== undefined) series.keep(key, jvm, now);
  }
  drop(key: string, records: ServerRecords | undefined): void {
    this.#options.series.delete(key);
    for (const ref of [records?.registration?.ref, records?.sender?.ref]) {
      const record = ref === undefined ? undefined : refKey(ref);
      if (record !== undefined && this.#homes.get(record) === key) this.#homes.delete(record);
    }
  }

  #followRecord(
    key: string,
    before: Ref | undefined,
    ref: Ref | undefined,
    after: ServerRecords,
    now: number,
  ): void {
    if (ref === undefined || isSameRef(before, ref)) return;
    const record = refKey(ref);
    const home = this.#homes.get(record) ?? record;
    this.#homes.set(record, key);
    if (home === key || this.#isKeptBy(home, after)) return;
    this.#options.series.move(home, key, now);
  }
  /** True where the history is not this record's alone: its row goes on without it, or was another instance. */
  #isKeptBy(home: string, after: ServerRecords): boolean {
    const { recordsUnder, recordsBefore } = this.#options;
    if (recordsUnder(home) !== undefined) return true;
    return after.instance !== undefined && recordsBefore(home)?.instance !== undefined;
  }
}
