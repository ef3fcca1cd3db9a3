import { cleanLine } from '../../../core/text.ts';
import type { JvmSample } from '../../../domain/jvm-sample.ts';
import { GcWatch } from '../../../wire/hsperfdata/gc-watch.ts';
import type { JvmFigures } from '../../../wire/hsperfdata/jvm-figures.ts';
import { settledFigures } from '../../../wire/hsperfdata/settled-figures.ts';
import { collectionFigures } from '../collection-figures.ts';
import { type CollectionFacts, L9sGc } from '../l9s/l9s-gc.ts';
import { ReadPauses } from './read-pauses.ts';

/** A start is computed anew from each reading; within this it is the same and does not move. */
const SAME_START_MS = 2_000;
const MAX_PARTS = 64;

/** What is read of a process beside its figures. */
export interface ProcessUse {
  readonly cpuShare?: number | undefined;
  readonly openFiles?: number | undefined;
  readonly maxOpenFiles?: number | undefined;
}

/** Makes samples of the figures of one JVM, from its first reading to its end; a restarted one gets a new maker. */
export class SampleMaker {
  readonly #watch = new GcWatch();
  readonly #gc = new L9sGc();
  readonly #pauses = new ReadPauses();
  #last: JvmFigures | undefined = undefined;
  /** By our clock. */
  startedAt: number | undefined = undefined;

  take(read: JvmFigures, at: number, { cpuShare, openFiles, maxOpenFiles }: ProcessUse): JvmSample {
    const figures = settledFigures(read, this.#last);
    const upAt = at - figures.upMs;
    if (figures.startedAt !== undefined && Math.abs(upAt - (this.startedAt ?? 0)) > SAME_START_MS)
      this.startedAt = upAt;
    this.#pauses.take(this.#last?.collectors, figures, at);
    this.#last = figures;
    // By our clock: that of its machine may be off.
    this.#watch.take({ ...figures, startedAt: upAt }, at);
    const facts = this.#collectionFacts(figures);
    this.#gc.sample(facts, at, 0);
    const { heap, nonHeap, threads } = figures;
    return {
      source: 'probe',
      at,
      heap: {
        usedBytes: heap.used,
        committedBytes: heap.committed,
        maxBytes: heap.max,
        afterGcBytes: this.#gc.afterGcBytes,
      },
      nonHeap: nonHeap.used === undefined ? undefined : memoryOf(nonHeap),
      ...collectionFigures(this.#gc, at),
      collectors: facts.gc
        ?.slice(0, MAX_PARTS)
        .map(({ name, count, timeMs }) => ({ name: cleanLine(name, 128), count, timeMs })),
      pauses: this.#pauses.timesAt(at),
      memoryPools: figures.pools
        .slice(0, MAX_PARTS)
        .map((pool) => ({ name: cleanLine(pool.name, 128), ...memoryOf(pool) })),
      threads,
      cpu: cpuShare === undefined ? undefined : { process: cpuShare },
      classes: figures.classes,
      fds: openFiles === undefined ? undefined : { open: openFiles, max: maxOpenFiles },
      startedAt: this.startedAt,
    };
  }

  /** In the form of a sender, so that they are counted by the same rules. */
  #collectionFacts({ upMs, heap, collectors }: JvmFigures): CollectionFacts {
    const { afterGcBytes, seenFull } = this.#watch;
    const own = collectors.map(({ name, count, timeMs }) => ({ name, count, timeMs }));
    return {
      upMs,
      heap: { ...heap, afterGc: afterGcBytes },
      gc: seenFull === undefined ? own : [...own, seenFull],
      // When the full ones were, and why; how long all took is `ReadPauses`' to say.
      pauses: this.#watch.drain().map(({ name, cause, at }) => ({ name, cause, at })),
    };
  }
}

const memoryOf = ({ used, committed, max }: JvmFigures['nonHeap']) => ({
  usedBytes: used,
  committedBytes: committed,
  maxBytes: max,
});
