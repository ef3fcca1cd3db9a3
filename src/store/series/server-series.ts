import type { FullGc, JvmSample } from '../../domain/jvm-sample.ts';
import {
  type HistoryBlock,
  SERIES_NAMES,
  SERIES_STEPS,
  type SeriesId,
  type SeriesPoint,
  type SeriesResolution,
} from '../../domain/series.ts';
import { DetailSeries } from './detail-series.ts';
import { FullGcLog } from './full-gc-log.ts';
import { PAGE_STEPS, PagePool } from './page-pool.ts';
import { type Fold, highest, newest, SeriesRing } from './series-ring.ts';

/** A sample or step of a later instant is somebody's wrong clock. */
const LATEST_MS = 60_000;
/** More steps than any ring holds are no history of ours. */
const MAX_BLOCK_STEPS = 512;
const WIDTH = SERIES_NAMES.length;
const FINE_FOLDS: readonly Fold[] = SERIES_NAMES.map(() => newest);
const COARSE_FOLDS: readonly Fold[] = SERIES_NAMES.map((name) => (name === 'afterGc' ? newest : highest));
const COLUMNS: ReadonlyMap<SeriesId, number> = new Map(SERIES_NAMES.map((name, index) => [name, index]));

/** Where the values of all servers lie. */
export interface SeriesPools {
  readonly six: PagePool;
  readonly single: PagePool;
}
export const createSeriesPools = (): SeriesPools => ({
  six: new PagePool(WIDTH),
  single: new PagePool(1),
});

/** Values of the sample that is being written; nothing outlives the call. */
const row = new Float64Array(WIDTH);

/** What is remembered of the figures of one server. */
export class ServerSeries {
  readonly #pools: SeriesPools;
  readonly #fine: SeriesRing;
  readonly #coarse: SeriesRing;
  readonly #fullGcs = new FullGcLog();
  #details: DetailSeries | undefined;
  #sampleAt = 0;

  constructor(pools: SeriesPools) {
    this.#pools = pools;
    this.#fine = new SeriesRing('fine', pools.six);
    this.#coarse = new SeriesRing('coarse', pools.six);
  }

  get fullGcs(): readonly FullGc[] {
    return this.#fullGcs.entries;
  }
  /** Keeps a sample that is newer than the one before. */
  keep(sample: JvmSample, now: number): void {
    const { at } = sample;
    const latestAt = now + LATEST_MS;
    if (!(at >= 0 && at <= latestAt)) return;
    if (this.#sampleAt > latestAt) this.#turnBack(latestAt);
    if (at <= this.#sampleAt) return;
    this.#sampleAt = at;
    const { heap, active } = sample;
    row[0] = heap?.usedBytes ?? Number.NaN;
    row[1] = heap?.maxBytes ?? Number.NaN;
    row[2] = heap?.afterGcBytes ?? Number.NaN;
    row[3] = sample.gcTimePercent ?? Number.NaN;
    row[4] = sample.tps ?? Number.NaN;
    row[5] = active?.total ?? Number.NaN;
    this.#fine.put(this.#fine.stepOf(at), row, FINE_FOLDS);
    this.#coarse.put(this.#coarse.stepOf(at), row, COARSE_FOLDS);
    if (sample.lastFullGc !== undefined || sample.fullGcs !== undefined) this.#fullGcs.note(sample, latestAt);
    this.#details?.keep(sample);
  }
  points(id: SeriesId, resolution: SeriesResolution): readonly SeriesPoint[] {
    const column = COLUMNS.get(id);
    if (column === undefined) return this.#details?.points(id, resolution) ?? [];
    return (resolution === 'fine' ? this.#fine : this.#coarse).points(column);
  }
  blocks(): readonly HistoryBlock[] {
    return [this.#fine.block(), this.#coarse.block()].filter((block) => block !== undefined);
  }

  /** Takes steps over that are not known here; a block that cannot be one of ours is let go. */
  fill({ resolution, fromAt, values }: HistoryBlock, now: number): void {
    const { stepMs, spanMs } = SERIES_STEPS[resolution];
    const steps = values.length / WIDTH;
    if (!Number.isInteger(steps) || steps > MAX_BLOCK_STEPS) return;
    if (!Number.isSafeInteger(fromAt) || fromAt < 0 || fromAt % stepMs !== 0) return;
    const ring = resolution === 'fine' ? this.#fine : this.#coarse;
    const oldestAt = now - spanMs - PAGE_STEPS * stepMs;
    for (let step = 0; step < steps; step++) {
      const at = fromAt + step * stepMs;
      if (at > now + LATEST_MS) return;
      if (at > oldestAt) ring.fill(ring.stepOf(at), values, step * WIDTH);
    }
  }
  mergeFullGcs(others: readonly FullGc[], now: number): void {
    this.#fullGcs.merge(others, now + LATEST_MS);
  }
  /** Takes over what another place knows of the same server; nothing is left there. */
  absorb(other: ServerSeries, now: number): void {
    this.#sampleAt = Math.max(this.#sampleAt, other.#sampleAt);
    for (const block of other.blocks()) this.fill(block, now);
    this.mergeFullGcs(other.fullGcs, now);
    if (this.#details === undefined) {
      this.#details = other.#details;
      other.#details = undefined;
    }
    other.clear();
  }

  startDetails(): void {
    this.#details ??= new DetailSeries(this.#pools.single);
  }
  stopDetails(): void {
    this.#details?.clear();
    this.#details = undefined;
  }
  /** Another JVM stands here now. Samples as old as those kept are still the old one's. */
  beginAnew(): void {
    this.#fine.clear();
    this.#coarse.clear();
    this.#fullGcs.clear();
    this.#details?.clear();
  }
  /** Gives back all that is kept. */
  clear(): void {
    this.beginAnew();
    this.stopDetails();
  }

  /** The clock went back: what it called later than a minute from now never was. */
  #turnBack(latestAt: number): void {
    this.#sampleAt = 0;
    this.#fine.truncate(this.#fine.stepOf(latestAt));
    this.#coarse.truncate(this.#coarse.stepOf(latestAt));
    this.#details?.truncate(latestAt);
  }
}
