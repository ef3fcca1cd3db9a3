import { isAskedFor } from '../../domain/gc-cause.ts';
import type { JvmSample, JvmSampleSource } from '../../domain/jvm-sample.ts';
import { type HeapGrowth, heapGrowthOf, withPoint } from '../gc/heap-growth.ts';
import type { TimedValue } from '../gc/line-fit.ts';
import type { HealthLevels } from './health-levels.ts';

/** Most collections whose times are kept, of those within the window of the config. */
export const MAX_COLLECTIONS = 64;
/** A JVM's count of collections may come this much later than the collection itself (recorded: a sample). */
const COUNT_LAG_MS = 10_000;
/** Growth is looked for at least this far back. */
const MIN_HORIZON_MS = 1_800_000;

interface Collection {
  readonly at: number;
  readonly isAskedFor: boolean;
}

interface Standing {
  readonly aboveWarn: number;
  readonly aboveError: number;
  readonly points: readonly TimedValue[];
}
const NO_POINTS: readonly TimedValue[] = [];
const NO_COLLECTIONS: readonly Collection[] = [];

/** Collections of the old generation, or of the whole heap, of one run of a JVM, as its samples tell of them. */
export class OldCollections {
  /** In a row that left more than the warn and error levels behind. */
  aboveWarn = 0;
  aboveError = 0;
  growth: HeapGrowth | undefined;
  #source: JvmSampleSource | undefined;
  /** What tells one collection from the next: its time, else what it left. */
  #mark: number | undefined;
  #left: number | undefined;
  #total: number | undefined;
  /** Collections known by their time that the count does not hold yet, and until when it may catch up. */
  #uncounted = 0;
  #uncountedUntil = 0;
  #sampleAt = 0;
  #lastAt = 0;
  /** As it stood before the newest collection. */
  #before: Standing = { aboveWarn: 0, aboveError: 0, points: NO_POINTS };
  #points = NO_POINTS;
  #recent: readonly Collection[] = NO_COLLECTIONS;

  observe(jvm: JvmSample, now: number, levels: HealthLevels): void {
    const { lastFullGc, fullGcs: total } = jvm;
    const left = jvm.heap?.afterGcBytes ?? lastFullGc?.afterBytes;
    const mark = lastFullGc?.at ?? (total === undefined ? left : undefined);
    if (mark === undefined && total === undefined) return;
    // Another source counts in its own way, and gives the same collection another time.
    const isAnother = this.#source !== undefined && jvm.source !== this.#source;
    if (isAnother) this.#total = undefined;
    const isMoved = mark !== undefined && mark !== this.#mark && !isAnother;
    const added = isMoved || total !== this.#total ? this.#added(isMoved, total, now) : 0;
    if (added > 0) {
      this.#note(added, jvm, { now, levels });
      this.#judge(added, left, jvm, levels);
    } else if (left !== undefined && left !== this.#left && !isAnother && this.#lastAt > 0) {
      // What it left may be known a sample later.
      this.#judge(1, left, jvm, levels);
    }
    this.#source = jvm.source;
    this.#mark = mark ?? this.#mark;
    this.#total = total ?? this.#total;
    this.#left = left;
    this.#sampleAt = jvm.at;
  }

  /** Collections since `from` that nobody asked for. */
  countSince(from: number): number {
    let count = 0;
    for (const { at, isAskedFor } of this.#recent) if (at > from && !isAskedFor) count++;
    return count;
  }
  /** Collections since `from` that somebody asked for. */
  askedForSince(from: number): number {
    let count = 0;
    for (const { at, isAskedFor } of this.#recent) if (at > from && isAskedFor) count++;
    return count;
  }
  /** The first of those since `from` that nobody asked for, epoch ms. */
  firstSince(from: number): number | undefined {
    return this.#recent.find(({ at, isAskedFor }) => at > from && !isAskedFor)?.at;
  }

  /** How many collections are new in a sample. */
  #added(isMoved: boolean, total: number | undefined, now: number): number {
    const isFirst = this.#mark === undefined && this.#total === undefined && this.#sampleAt === 0;
    if (now >= this.#uncountedUntil) this.#uncounted = 0;
    const grown = total === undefined || this.#total === undefined ? 0 : total - this.#total;
    const counted = Math.max(0, grown - this.#uncounted);
    this.#uncounted = Math.max(0, this.#uncounted - grown);
    if (!isMoved) return counted;
    if (counted === 0 || isFirst) {
      this.#uncounted++;
      this.#uncountedUntil = now + COUNT_LAG_MS;
    }
    return Math.max(1, counted);
  }

  #note(added: number, jvm: JvmSample, { now, levels }: { now: number; levels: HealthLevels }): void {
    const at = Math.min(now, jvm.lastFullGc?.at ?? now);
    this.#before = { aboveWarn: this.aboveWarn, aboveError: this.aboveError, points: this.#points };
    // Where only what is left is told, nobody knows when it was left.
    if (jvm.lastFullGc !== undefined || jvm.fullGcs !== undefined)
      this.#noteTimes(this.#timesOf(added, at, jvm), now - levels.fullGcWindowMs);
    this.#lastAt = at;
  }
  /** The times of those before the last are not told; they lie between the samples. */
  #timesOf(added: number, at: number, { lastFullGc }: JvmSample): readonly Collection[] {
    const from = Math.min(at, Math.max(this.#lastAt, this.#sampleAt === 0 ? at : this.#sampleAt));
    const kept = Math.min(added, MAX_COLLECTIONS);
    return Array.from({ length: kept }, (_, index) => ({
      at: at - ((at - from) * (kept - 1 - index)) / kept,
      isAskedFor: isAskedFor(lastFullGc?.cause),
    }));
  }
  #noteTimes(noted: readonly Collection[], from: number): void {
    this.#recent = [...this.#recent, ...noted].filter(({ at }) => at > from).slice(-MAX_COLLECTIONS);
  }

  /** Judges the newest collection by what it left, and follows its growth. */
  #judge(added: number, left: number | undefined, { heap }: JvmSample, levels: HealthLevels): void {
    const maxBytes = heap?.maxBytes;
    if (left === undefined || maxBytes === undefined || maxBytes <= 0) return;
    const { aboveWarn, aboveError, points } = this.#before;
    this.aboveWarn = inARow(aboveWarn, left / maxBytes >= levels.afterGcWarn, added);
    this.aboveError = inARow(aboveError, left / maxBytes >= levels.afterGcError, added);
    const horizonMs = Math.max(levels.growthMs, MIN_HORIZON_MS);
    this.#points = withPoint(points, { at: this.#lastAt, value: left }, { maxBytes, horizonMs });
    this.growth = heapGrowthOf(this.#points, maxBytes);
  }
}

/** Of several in one sample only the last one's remainder is known: the others count where the one before did. */
const inARow = (before: number, isAbove: boolean, added: number): number =>
  isAbove ? before + (before > 0 ? added : 1) : 0;
