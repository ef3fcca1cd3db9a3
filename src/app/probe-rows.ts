import type { Clock } from '../core/clock.ts';
import type { Instance } from '../domain/instance.ts';
import type { ProbeReading } from '../domain/probe-reading.ts';
import { refOf } from '../domain/ref.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import type { ConsoleStore } from '../store/state.ts';
import { emptyReading } from './probe-session.ts';
import type { Probeable } from './probe-targets.ts';

/** As long as silent datagrams stay. */
const FORGET_MS = 900_000;
/** Between two readings, where there will be some. */
const PAUSE_MS = 2_000;

export interface ProbeRowsOptions {
  readonly store: Pick<ConsoleStore, 'apply'>;
  readonly clock: Clock;
  readonly instanceOf: (reading: ProbeReading) => Instance | undefined;
}
type Read = Pick<Probeable, 'target' | 'uid'>;

/** The readings that stand in the store, by the key of their server. */
export class ProbeRows {
  readonly #options: ProbeRowsOptions;
  readonly #rows = new Map<string, { readonly reading: ProbeReading; readonly uid: string }>();

  constructor(options: ProbeRowsOptions) {
    this.#options = options;
  }
  get size(): number {
    return this.#rows.size;
  }
  /** True until it was read once or is known not to be readable. */
  isOpen(key: string): boolean {
    const reading = this.#rows.get(key)?.reading;
    return reading?.jvm === undefined && reading?.failure === undefined;
  }

  /** What was read of the same container before stays until there is something newer. */
  put(key: string, { uid }: Read, reading: ProbeReading): void {
    const before = this.#rows.get(key);
    const keepsOld = reading.jvm === undefined && before?.uid === uid;
    this.#put(
      key,
      uid,
      keepsOld ? { ...reading, jvm: before.reading.jvm, way: reading.way ?? before.reading.way } : reading,
    );
  }
  /** Says why there is no newer reading, once. */
  explain(key: string, read: Read, failure: SourceFailure): void {
    const known = this.#rows.get(key);
    const said = known?.uid === read.uid ? known.reading : undefined;
    if (said?.failure?.code === failure.code && said.failure.message === failure.message) return;
    this.#put(key, read.uid, {
      ...(said ?? emptyReading(read, this.#options.clock.now(), PAUSE_MS)),
      failure,
    });
  }
  /** Another container is read from now on. */
  begin(key: string, { uid }: Read): void {
    if (this.#rows.get(key)?.uid !== uid) this.#drop(key);
  }
  /** Readings nobody is behind any more go when they are old, empty, or of what is gone. */
  forget(isWanted: (key: string) => boolean): void {
    const now = this.#options.clock.now();
    for (const [key, { reading, uid }] of this.#rows) {
      if (isWanted(key)) continue;
      const instance = this.#options.instanceOf(reading);
      const isOfNow = instance !== undefined && (uid === instance.uid || uid.startsWith(`${instance.uid}/`));
      if (!isOfNow || reading.jvm === undefined || now - reading.jvm.at >= FORGET_MS) this.#drop(key);
      else if (reading.failure !== undefined) this.#put(key, uid, { ...reading, failure: undefined });
    }
  }

  #put(key: string, uid: string, reading: ProbeReading): void {
    this.#rows.set(key, { reading, uid });
    this.#options.store.apply([{ type: 'put', kind: 'probe', entity: reading }]);
  }
  #drop(key: string): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#rows.delete(key);
    const { context, id } = row.reading.ref;
    this.#options.store.apply([{ type: 'drop', kind: 'probe', ref: refOf('probe', context, id) }]);
  }
}
