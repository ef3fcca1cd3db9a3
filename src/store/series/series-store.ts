import type { FullGc, JvmSample } from '../../domain/jvm-sample.ts';
import type { SenderHistory, SeriesId, SeriesPoint, SeriesResolution } from '../../domain/series.ts';
import { DetailHolds } from './detail-holds.ts';
import { createSeriesPools, type SeriesPools, ServerSeries } from './server-series.ts';

/** History of senders that are not known (yet). */
const MAX_AWAITED = 20_000;
/** Its sender comes with the same flush or never. */
const AWAIT_MS = 60_000;

/** Ten minutes and two hours of the figures of every server that has ever sent some, by the server's key. */
export class SeriesStore {
  readonly #pools: SeriesPools;
  readonly #servers = new Map<string, ServerSeries>();
  /** Since when the history of a sender waits for its row. */
  readonly #awaited = new Map<string, number>();
  readonly #holds = new DetailHolds({
    begin: (server) => this.#servers.get(server)?.startDetails(),
    end: (server) => this.#servers.get(server)?.stopDetails(),
  });

  constructor(pools: SeriesPools = createSeriesPools()) {
    this.#pools = pools;
  }

  keep(server: string, sample: JvmSample, now: number): void {
    this.#open(server).keep(sample, now);
  }
  /** Oldest first. */
  points(server: string, id: SeriesId, resolution: SeriesResolution): readonly SeriesPoint[] {
    return this.#servers.get(server)?.points(id, resolution) ?? NOTHING;
  }
  fullGcs(server: string): readonly FullGc[] {
    return this.#servers.get(server)?.fullGcs ?? NOTHING;
  }
  historyOf(server: string): Omit<SenderHistory, 'sender'> | undefined {
    const series = this.#servers.get(server);
    if (series === undefined) return undefined;
    const history = { blocks: series.blocks(), fullGcs: series.fullGcs };
    return history.blocks.length + history.fullGcs.length === 0 ? undefined : history;
  }

  /** Takes over what another process remembers; what is known here stays. */
  takeOver(server: string, { blocks, fullGcs }: Omit<SenderHistory, 'sender'>, now: number): void {
    const series = this.#open(server);
    for (const block of blocks) series.fill(block, now);
    series.mergeFullGcs(fullGcs, now);
  }
  /** The same for a sender whose row may still come. */
  await(sender: string, history: Omit<SenderHistory, 'sender'>, now: number): void {
    if (!this.#awaited.has(sender)) {
      if (this.#awaited.size >= MAX_AWAITED || this.#servers.has(sender)) return;
      this.#awaited.set(sender, now);
    }
    this.takeOver(sender, history, now);
  }
  /** There is a row under this key. */
  settle(server: string): void {
    this.#awaited.delete(server);
  }

  /** Keeps the history when a server's row moves, e.g. once its orchestrator is heard. */
  move(from: string, to: string, now: number): void {
    const series = this.#servers.get(from);
    if (series !== undefined) {
      const there = this.#servers.get(to);
      this.#servers.delete(from);
      if (there === undefined) this.#servers.set(to, series);
      else there.absorb(series, now);
    }
    this.#awaited.delete(from);
    this.#holds.move(from, to);
    if (this.#holds.has(to)) this.#servers.get(to)?.startDetails();
  }
  /** Another JVM stands under this key now. */
  beginAnew(server: string): void {
    this.#servers.get(server)?.beginAnew();
  }
  delete(server: string): void {
    this.#servers.get(server)?.clear();
    this.#servers.delete(server);
    this.#awaited.delete(server);
    this.#holds.forget(server);
  }

  /** Keeps all series of these until the answer is called. */
  watch(servers: readonly string[]): (now: number) => void {
    return this.#holds.watch(servers);
  }
  /** Keeps all series of a server as long as it is in trouble; `isNew`: it was not until now. */
  trouble(server: string, isNew: boolean): void {
    this.#holds.trouble(server, isNew);
  }
  endTrouble(server: string, now: number): void {
    this.#holds.endTrouble(server, now);
  }
  /** Frees what nobody needs any more. */
  expire(now: number): void {
    this.#holds.expire(now);
    for (const [sender, since] of this.#awaited) {
      if (now - since < AWAIT_MS && since <= now) continue;
      this.delete(sender);
    }
  }

  #open(server: string): ServerSeries {
    let series = this.#servers.get(server);
    if (series === undefined) {
      series = new ServerSeries(this.#pools);
      if (this.#holds.has(server)) series.startDetails();
      this.#servers.set(server, series);
    }
    return series;
  }
}
const NOTHING: readonly never[] = [];
