import type { FullGc, JvmSample, JvmSampleSource } from '../../domain/jvm-sample.ts';
import { isKnown } from './series-ring.ts';

const MAX_FULL_GCS = 32;
/** Instants are reckoned from the JVM's start and may tremble; within this they are of one collection. */
const SAME_MS = 1_000;
/** No JVM is started anew within this. */
const SAME_START_MS = 5_000;

/** The full collections seen of one server, oldest first. */
export class FullGcLog {
  #entries: readonly FullGc[] = [];
  #count: number | undefined;
  #source: JvmSampleSource | undefined;
  #startedAt: number | undefined;
  /** True where one was entered by its time and the count has not told of it yet. */
  #isAhead: boolean = false;

  get entries(): readonly FullGc[] {
    return this.#entries;
  }
  /** Enters what a sample tells beyond the one before; several at once are one entry. */
  note({ at, source, startedAt, fullGcs, lastFullGc }: JvmSample, latestAt: number): void {
    const isSameJvm = source === this.#source && isSameStart(startedAt, this.#startedAt);
    const grew = isSameJvm && fullGcs !== undefined && this.#count !== undefined && fullGcs > this.#count;
    const isNew = lastFullGc !== undefined && lastFullGc.at <= latestAt && this.#enter(lastFullGc);
    if (grew && !isNew && !this.#isAhead) this.#enter({ at });
    this.#isAhead = !grew && isSameJvm && (this.#isAhead || isNew);
    this.#count = fullGcs;
    this.#source = source;
    this.#startedAt = startedAt ?? this.#startedAt;
  }
  /** Adds what another process saw; what is known here stays. */
  merge(others: readonly FullGc[], latestAt: number): void {
    for (const other of others.slice(-MAX_FULL_GCS)) if (other.at <= latestAt) this.#enter(checked(other));
  }
  clear(): void {
    this.#entries = [];
    this.#count = undefined;
    this.#isAhead = false;
  }

  #enter(gc: FullGc): boolean {
    if (!(gc.at > 0)) return false;
    const last = this.#entries.at(-1);
    if (last === gc || this.#entries.some(({ at }) => Math.abs(at - gc.at) < SAME_MS)) return false;
    const entries = [...this.#entries, gc];
    if (last !== undefined && gc.at < last.at) entries.sort((a, b) => a.at - b.at);
    this.#entries = entries.slice(-MAX_FULL_GCS);
    return true;
  }
}

const isSameStart = (a: number | undefined, b: number | undefined): boolean =>
  a === undefined || b === undefined || Math.abs(a - b) < SAME_START_MS;

const checked = ({ at, beforeBytes, afterBytes }: FullGc): FullGc => ({
  at,
  beforeBytes: isKnown(beforeBytes) ? beforeBytes : undefined,
  afterBytes: isKnown(afterBytes) ? afterBytes : undefined,
});
