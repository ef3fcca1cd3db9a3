import { sumOf } from '../../../core/sum.ts';
import { cleanLine } from '../../../core/text.ts';
import type { FullGc, GcInterval } from '../../../domain/jvm-sample.ts';
import type { L9sCollector, L9sJvm } from '../../../wire/l9s/datagram.ts';
import { collectorShare, isFullCollector } from '../full-collector.ts';
import { GcWindow } from '../gc-window.ts';
import { PauseWindow } from '../pause-window.ts';
import type { ValueBudget } from '../value-budget.ts';

const MAX_COLLECTORS = 32;
const LONGEST_CAUSE = 80;
/** What the pauses of a first datagram may go back to. */
const FIRST_COVERED_MS = 600_000;
/** What jitter and a slow clock may add to the time between two datagrams. */
const SLACK_MS = 2_000;

/** What one datagram, or one reading, tells of collections. */
export type CollectionFacts = Pick<L9sJvm, 'upMs' | 'heap' | 'gc' | 'pauses'>;

/** What the collectors did between two datagrams. */
interface Growth {
  count: number;
  timeMs: number;
  fullCount: number;
}

/** Garbage collection of one JVM, from counts that grow until it restarts. */
export class L9sGc {
  readonly #window = new GcWindow();
  readonly pauses: PauseWindow;
  #known: ReadonlyMap<string, L9sCollector> = new Map();
  #upMs: number | undefined = undefined;
  #usedBytes: number | undefined = undefined;
  /** Bytes the last full collection left. */
  afterGcBytes: number | undefined = undefined;
  /** Full collections since the start. */
  fullGcs: number | undefined = undefined;
  lastFullGc: FullGc | undefined = undefined;

  constructor(budget?: ValueBudget) {
    this.pauses = new PauseWindow(budget);
  }
  get perMinute(): number | undefined {
    return this.#window.perMinute;
  }
  get timePercent(): number | undefined {
    return this.#window.timePercent;
  }
  intervalOf(sampledAt: number): GcInterval | undefined {
    return this.#window.intervalOf(sampledAt);
  }
  restart(): void {
    this.#window.clear();
    this.pauses.clear();
    this.#known = new Map();
    this.#upMs = undefined;
    this.#usedBytes = undefined;
    this.afterGcBytes = undefined;
    this.fullGcs = undefined;
    this.lastFullGc = undefined;
  }
  /** `skewMs`: sender's clock minus ours. */
  sample({ upMs, heap, gc, pauses }: CollectionFacts, now: number, skewMs: number): void {
    const coveredMs = this.#upMs === undefined ? FIRST_COVERED_MS : upMs - this.#upMs;
    const growth = gc === undefined ? undefined : this.#sampleCollectors(gc, upMs, now);
    let fullAt = growth !== undefined && growth.fullCount > 0 ? now : undefined;
    let fullCause: string | undefined;
    for (const { name, pauseMs, at, cause } of pauses ?? []) {
      const endedAt = at === undefined ? now : pausedAt(at - skewMs, now, coveredMs);
      if (pauseMs !== undefined) this.pauses.add(endedAt, pauseMs);
      // Where collectors are counted the pause only says when; told alone it is all that is known.
      if (!isFullCollector(name) || (gc !== undefined && fullAt === undefined)) continue;
      fullAt = endedAt;
      fullCause = cause === undefined ? undefined : cleanLine(cause, LONGEST_CAUSE);
    }
    this.#takeHeap(heap, fullAt, fullCause);
    this.#upMs = upMs;
  }
  /** Undefined where nothing can be said of the time since the datagram before. */
  #sampleCollectors(collectors: readonly L9sCollector[], upMs: number, now: number): Growth | undefined {
    const before = this.#known;
    const known = new Map<string, L9sCollector>();
    for (const collector of collectors.slice(0, MAX_COLLECTORS)) known.set(collector.name, collector);
    this.#known = known;
    this.fullGcs = fullGcsOf(known);
    const coveredMs = this.#upMs === undefined ? 0 : upMs - this.#upMs;
    if (coveredMs <= 0) return undefined;
    const growth = growthOf(before, known);
    if (growth !== undefined)
      this.#window.add({ at: now, coveredMs, count: growth.count, timeMs: growth.timeMs });
    return growth;
  }
  #takeHeap(heap: L9sJvm['heap'], fullAt: number | undefined, cause: string | undefined): void {
    const left = heap?.afterGc ?? (fullAt === undefined ? undefined : heap?.used);
    if (left !== undefined) this.afterGcBytes = left;
    if (fullAt !== undefined)
      this.lastFullGc = { at: fullAt, beforeBytes: this.#usedBytes, afterBytes: left, cause };
    this.#usedBytes = heap?.used ?? this.#usedBytes;
  }
}

function fullGcsOf(collectors: ReadonlyMap<string, L9sCollector>): number | undefined {
  const full = [...collectors.values()].filter(({ name }) => isFullCollector(name));
  return sumOf(full.map(({ count }) => count));
}

/**
 * A count that shrank while the JVM went on is none to reckon with: what the interval held is then not known. A
 * collector that was not told of before has no interval yet.
 */
function growthOf(
  before: ReadonlyMap<string, L9sCollector>,
  after: ReadonlyMap<string, L9sCollector>,
): Growth | undefined {
  const growth: Growth = { count: 0, timeMs: 0, fullCount: 0 };
  let isKnown = false;
  for (const collector of after.values()) {
    const last = before.get(collector.name);
    if (last === undefined) continue;
    const count = difference(last.count, collector.count);
    const timeMs = difference(last.timeMs, collector.timeMs);
    if ((count ?? 0) < 0 || (timeMs ?? 0) < 0) return undefined;
    if (count !== undefined || timeMs !== undefined) isKnown = true;
    const share = collectorShare(collector.name, (name) => after.has(name));
    if (share.isCounted) growth.count += count ?? 0;
    if (share.isTimed) growth.timeMs += timeMs ?? 0;
    if (isFullCollector(collector.name)) growth.fullCount += count ?? 0;
  }
  return isKnown ? growth : undefined;
}

/** A pause lies between the datagram before and this one; where its clock says otherwise the arrival stands for it. */
const pausedAt = (at: number, now: number, coveredMs: number): number =>
  at <= now && at >= now - coveredMs - SLACK_MS ? at : now;

const difference = (before: number | undefined, after: number | undefined): number | undefined =>
  before === undefined || after === undefined ? undefined : after - before;
