import { isAskedFor } from '../../domain/gc-cause.ts';
import type { JvmFigures, PerfCollector } from './jvm-figures.ts';

/** One collection seen, at most one of each collector between two readings: the file keeps only the last. */
export interface SeenPause {
  /** The collector's name; that of its cycles for a whole-heap cycle somebody asked a concurrent collector for. */
  readonly name: string;
  readonly cause?: string | undefined;
  /** Epoch ms, when it ended. */
  readonly at: number;
  /** Absent for a cycle that ran beside the program. */
  readonly pauseMs?: number | undefined;
}

const MAX_PAUSES = 64;
/** Old generation this full after a full collection: what is in eden found no room and is alive. */
const FULL_SHARE = 0.98;
/** The clock in the file and the wall clock may drift apart; an instant further off than this is not believed. */
const MAX_DRIFT_MS = 60_000;
const CMS_PHASES: readonly string[] = ['CMS Initial Mark', 'CMS Final Remark'];

/** Full collections that hide in the counter of a concurrent collector's pauses. */
interface Hidden {
  readonly name: string;
  readonly isFull: (cause: string) => boolean;
  /** Stops the JVM for its whole length; else it is a cycle of several short pauses. */
  readonly isPause: boolean;
}
/** It takes the whole heap in every cycle: full are those somebody asked for. */
const Z_FULL: Hidden = { name: 'ZGC Full Cycles', isFull: isAskedFor, isPause: false };
const HIDDEN: ReadonlyMap<string, Hidden> = new Map([
  ['ZGC Pauses', Z_FULL],
  ['ZGC Major Pauses', Z_FULL],
  [
    'ConcurrentMarkSweep Pauses',
    { name: 'ConcurrentMarkSweep', isFull: (cause) => !CMS_PHASES.includes(cause), isPause: true },
  ],
]);

interface Known {
  readonly count: number;
  readonly lastEndMs: number | undefined;
}

/** What a full collection left. Eden is empty behind it, so what is there now came after, unless all is full. */
function heapAfter(figures: JvmFigures): number | undefined {
  const heap = figures.pools.filter(({ isHeap }) => isHeap);
  const old = heap.at(-1);
  if (old?.used === undefined) return undefined;
  const isFull = old.committed !== undefined && old.used >= old.committed * FULL_SHARE;
  const kept = heap.length >= 3 && !isFull ? heap.slice(1) : heap;
  return kept.reduce((sum, { used = 0 }) => sum + used, 0);
}

/** Follows the collections of one JVM from reading to reading; read often, or it misses what came between. */
export class GcWatch {
  #known = new Map<string, Known>();
  #pauses: SeenPause[] = [];
  #isCycleOpen = false;
  #hidden: { readonly name: string; count: number } | undefined = undefined;
  /** Bytes the last full collection left; absent before the first one that was seen. */
  afterGcBytes: number | undefined = undefined;

  /**
   * Full collections the JVM counts among other pauses, as many as were seen since the first reading; undefined where
   * it counts them itself. Collections of a concurrent collector are full only where somebody asked for them.
   */
  get seenFull(): { readonly name: string; readonly count: number } | undefined {
    return this.#hidden && { ...this.#hidden };
  }
  /** `now`: epoch ms of the reading. */
  take(figures: JvmFigures, now: number): void {
    const newest = Math.max(0, ...figures.collectors.map(({ lastEndMs = 0 }) => lastEndMs));
    let isCycle = isAskedFor(figures.runningCause);
    for (const collector of figures.collectors) {
      const hidden = HIDDEN.get(collector.name);
      if (hidden !== undefined) this.#hidden ??= { name: hidden.name, count: 0 };
      const before = this.#known.get(collector.name);
      this.#known.set(collector.name, { count: collector.count, lastEndMs: collector.lastEndMs });
      if (before === undefined || collector.count <= before.count) continue;
      const isLast = collector.lastEndMs === newest && collector.isRunning !== true;
      const cause = isLast ? causeOf(figures, hidden !== undefined) : undefined;
      const at = instantOf(collector, figures, now);
      this.#addPause(collector, before, { cause, at });
      const isHiddenFull = hidden !== undefined && cause !== undefined && hidden.isFull(cause);
      if (isHiddenFull) isCycle ||= !hidden.isPause;
      if (isHiddenFull && (hidden.isPause || !this.#isCycleOpen)) this.#addHidden(hidden, cause, at);
      const isFull = collector.isFull || (isHiddenFull && hidden.isPause);
      if (isFull && collector.isRunning !== true) this.afterGcBytes = heapAfter(figures);
      if (isHiddenFull) this.#isCycleOpen = !hidden.isPause;
    }
    this.#isCycleOpen &&= isCycle;
  }
  /** What was seen since the last call, oldest first. */
  drain(): readonly SeenPause[] {
    const pauses = this.#pauses;
    this.#pauses = [];
    return pauses;
  }
  #addPause(
    { name, lastStartMs, lastEndMs }: PerfCollector,
    before: Known,
    { cause, at }: { readonly cause: string | undefined; readonly at: number },
  ): void {
    if (lastStartMs === undefined || lastEndMs === undefined || lastEndMs === before.lastEndMs) return;
    // The next one has begun: the length of the one before is no longer there.
    const pauseMs = lastEndMs >= lastStartMs ? lastEndMs - lastStartMs : undefined;
    this.#push({ name, cause, at, pauseMs });
  }
  #addHidden({ name, isPause }: Hidden, cause: string, at: number): void {
    if (this.#hidden !== undefined) this.#hidden.count++;
    if (!isPause) this.#push({ name, cause, at });
  }
  #push(pause: SeenPause): void {
    if (this.#pauses.length >= MAX_PAUSES) this.#pauses.shift();
    this.#pauses.push(pause);
  }
}

/**
 * Why the last collection ran. A cause of now belongs to the cycle of a concurrent collector, whose pauses end while it
 * goes on; with the others it may be the next one's already, and then that of the last is no longer there.
 */
const causeOf = ({ runningCause, lastCause }: JvmFigures, isConcurrent: boolean): string | undefined =>
  isConcurrent ? (runningCause ?? lastCause) : runningCause === undefined ? lastCause : undefined;

function instantOf({ lastEndMs }: PerfCollector, { startedAt }: JvmFigures, now: number): number {
  if (lastEndMs === undefined || startedAt === undefined) return now;
  const at = Math.round(startedAt + lastEndMs);
  return at <= now && now - at <= MAX_DRIFT_MS ? at : now;
}
