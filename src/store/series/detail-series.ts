import type { CollectorUse, JvmSample } from '../../domain/jvm-sample.ts';
import type { DetailSeriesName, SeriesId, SeriesPoint, SeriesResolution } from '../../domain/series.ts';
import type { PagePool } from './page-pool.ts';
import { type Fold, highest, isKnown, newest, SeriesRing, total } from './series-ring.ts';

/** Names of pools, collectors, connectors and data sources kept of one server. */
export const MAX_PARTS = 64;
/** A longer name is nobody's; decoders cut at less. */
const LONGEST_NAME = 256;
/** A name not heard for so long makes room for another. */
const FORGET_PART_STEPS = 300;
/** A collector's time since an older sample says nothing about now. */
const SAME_INTERVAL_MS = 120_000;

const NEWEST: readonly Fold[] = [newest];
const HIGHEST: readonly Fold[] = [highest];
const TOTAL: readonly Fold[] = [total];

const LEVELS: Readonly<
  Record<Exclude<DetailSeriesName, 'gcTimeMs' | 'gcCount'>, (sample: JvmSample) => number | undefined>
> = {
  heapCommitted: ({ heap }) => heap?.committedBytes,
  nonHeapUsed: ({ nonHeap }) => nonHeap?.usedBytes,
  meanMs: ({ meanMs }) => meanMs,
  errorPercent: ({ errorPercent }) => errorPercent,
  over8s: ({ active }) => active?.over8s,
  threads: ({ threads }) => threads?.live,
  cpuPercent: ({ cpu }) => (cpu?.process === undefined ? undefined : cpu.process * 100),
  fds: ({ fds }) => fds?.open,
  sessions: ({ sessions, sessionStore }) => sessions ?? sessionStore?.sessions,
};
const LEVEL_READERS = Object.entries(LEVELS);

/** One series in both resolutions. */
class Line {
  readonly fine: SeriesRing;
  readonly coarse: SeriesRing;
  readonly #value = new Float64Array(1);

  constructor(pool: PagePool) {
    this.fine = new SeriesRing('fine', pool);
    this.coarse = new SeriesRing('coarse', pool);
  }
  put(at: number, value: number, folds: readonly Fold[]): void {
    const step = this.fine.stepOf(at);
    this.#value[0] = value;
    this.fine.put(step, this.#value, folds);
    if (folds === TOTAL) this.#value[0] = this.fine.valueAt(step, 0);
    this.coarse.put(this.coarse.stepOf(at), this.#value, HIGHEST);
  }
  clear(): void {
    this.fine.clear();
    this.coarse.clear();
  }
}

/** All further series of one server that is watched or in trouble. */
export class DetailSeries {
  readonly #pool: PagePool;
  readonly #lines = new Map<string, Line>();
  #parts = 0;
  #collectors: readonly CollectorUse[] = [];
  #sampleAt = 0;

  /** `pool` of width 1. */
  constructor(pool: PagePool) {
    this.#pool = pool;
  }

  keep(sample: JvmSample): void {
    const { at } = sample;
    for (const [name, read] of LEVEL_READERS) this.#put(name, at, read(sample), NEWEST);
    this.#put('gcTimeMs', at, sample.gcInterval?.timeMs, TOTAL);
    this.#put('gcCount', at, sample.gcInterval?.count, TOTAL);
    for (const { name, usedBytes } of sample.memoryPools ?? NONE)
      this.#putPart('pool', name, at, usedBytes, NEWEST);
    for (const { name, busy } of sample.connectors ?? NONE)
      this.#putPart('connector', name, at, busy, NEWEST);
    for (const { name, active } of sample.dataSources ?? NONE)
      this.#putPart('dataSource', name, at, active, NEWEST);
    this.#keepCollectors(sample);
  }
  points(id: SeriesId, resolution: SeriesResolution): readonly SeriesPoint[] {
    return this.#lines.get(id)?.[resolution].points(0) ?? [];
  }
  truncate(at: number): void {
    for (const { fine, coarse } of this.#lines.values()) {
      fine.truncate(fine.stepOf(at));
      coarse.truncate(coarse.stepOf(at));
    }
    this.#collectors = NONE;
  }
  clear(): void {
    for (const line of this.#lines.values()) line.clear();
    this.#lines.clear();
    this.#parts = 0;
    this.#collectors = NONE;
  }

  /** What each collector took since the sample before; its counters begin again with the JVM. */
  #keepCollectors({ at, collectors = NONE }: JvmSample): void {
    const before = at - this.#sampleAt <= SAME_INTERVAL_MS ? this.#collectors : NONE;
    for (const { name, timeMs } of collectors) {
      const known = before.find((collector) => collector.name === name)?.timeMs;
      if (timeMs === undefined || known === undefined) continue;
      this.#putPart('collector', name, at, timeMs < known ? timeMs : timeMs - known, TOTAL);
    }
    this.#collectors = collectors;
    this.#sampleAt = at;
  }

  #put(id: string, at: number, value: number | undefined, folds: readonly Fold[]): void {
    if (!isKnown(value)) return;
    let line = this.#lines.get(id);
    if (line === undefined) {
      line = new Line(this.#pool);
      this.#lines.set(id, line);
    }
    line.put(at, value, folds);
  }
  #putPart(kind: string, name: string, at: number, value: number | undefined, folds: readonly Fold[]): void {
    if (name.length > LONGEST_NAME) return;
    const id = `${kind}/${name}`;
    if (!this.#lines.has(id)) {
      if (this.#parts >= MAX_PARTS && !this.#forgetPart(at)) return;
      this.#parts++;
    }
    this.#put(id, at, value, folds);
  }
  /** Lets the part go that was not heard for longest, if that is long. */
  #forgetPart(at: number): boolean {
    let oldest: readonly [string, Line] | undefined;
    for (const entry of this.#lines) {
      if (!entry[0].includes('/')) continue;
      if (oldest === undefined || entry[1].fine.lastStep < oldest[1].fine.lastStep) oldest = entry;
    }
    if (oldest === undefined) return false;
    const [id, line] = oldest;
    if (line.fine.lastStep > line.fine.stepOf(at) - FORGET_PART_STEPS) return false;
    line.clear();
    this.#lines.delete(id);
    this.#parts--;
    return true;
  }
}
const NONE: readonly never[] = [];
