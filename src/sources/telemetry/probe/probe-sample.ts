import { cleanLine } from '../../../core/text.ts';
import type { JvmSample } from '../../../domain/jvm-sample.ts';
import type { JvmFigures, PerfCollector } from '../../../wire/hsperfdata/jvm-figures.ts';
import type { L9sJvm } from '../../../wire/l9s/datagram.ts';
import { L9sGc } from '../l9s/l9s-gc.ts';
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
  readonly #gc = new L9sGc();
  readonly #pauses = new ReadPauses();
  #last: readonly PerfCollector[] | undefined = undefined;
  #seq = 0;
  #fullCause: { readonly at: number; readonly cause: string | undefined } | undefined = undefined;
  /** By our clock. */
  startedAt: number | undefined = undefined;

  take(figures: JvmFigures, at: number, { cpuShare, openFiles, maxOpenFiles }: ProcessUse): JvmSample {
    const upAt = at - figures.upMs;
    if (figures.startedAt !== undefined && Math.abs(upAt - (this.startedAt ?? 0)) > SAME_START_MS)
      this.startedAt = upAt;
    const hasCollected = this.#last !== undefined && hasFullBetween(this.#last, figures.collectors);
    this.#gc.sample(this.#toDatagram(figures, at, hasCollected), at, 0);
    this.#pauses.take(this.#last, figures, at);
    this.#last = figures.collectors;
    const { afterGcBytes, lastFullGc } = this.#gc;
    if (hasCollected && lastFullGc !== undefined)
      this.#fullCause = { at: lastFullGc.at, cause: fullCauseOf(figures) };
    const { heap, nonHeap, threads } = figures;
    return {
      source: 'probe',
      at,
      heap: {
        usedBytes: heap.used,
        committedBytes: heap.committed,
        maxBytes: heap.max,
        afterGcBytes,
      },
      nonHeap: nonHeap.used === undefined ? undefined : memoryOf(nonHeap),
      gcPerMinute: this.#gc.perMinute,
      gcTimePercent: this.#gc.timePercent,
      gcInterval: this.#gc.intervalOf(at),
      collectors: figures.collectors
        .slice(0, MAX_PARTS)
        .map(({ name, count, timeMs }) => ({ name: cleanLine(name, 128), count, timeMs })),
      pauses: this.#pauses.timesAt(at),
      memoryPools: figures.pools
        .slice(0, MAX_PARTS)
        .map((pool) => ({ name: cleanLine(pool.name, 128), ...memoryOf(pool) })),
      fullGcs: this.#gc.fullGcs,
      lastFullGc:
        lastFullGc?.at === this.#fullCause?.at && lastFullGc !== undefined
          ? { ...lastFullGc, cause: lastFullGc.cause ?? this.#fullCause?.cause }
          : lastFullGc,
      threads,
      cpu: cpuShare === undefined ? undefined : { process: cpuShare },
      classes: figures.classes,
      fds: openFiles === undefined ? undefined : { open: openFiles, max: maxOpenFiles },
      startedAt: this.startedAt,
    };
  }

  /** The form whose collections are counted by the same rules as a sender's. */
  #toDatagram(figures: JvmFigures, at: number, hasCollected: boolean): L9sJvm {
    const { heap, collectors } = figures;
    return {
      l9s: 1,
      type: 'jvm',
      id: '',
      serverType: 'jvm',
      at,
      seq: this.#seq++,
      upMs: figures.upMs,
      heap: { ...heap, afterGc: hasCollected ? leftBytes(figures) : undefined },
      gc: collectors.map(({ name, count, timeMs }) => ({ name, count, timeMs })),
      pauses: hasCollected ? fullPauses(this.#last ?? [], figures, at) : undefined,
    };
  }
}

const memoryOf = ({ used, committed, max }: JvmFigures['nonHeap']) => ({
  usedBytes: used,
  committedBytes: committed,
  maxBytes: max,
});

const countOf = (collectors: readonly PerfCollector[], name: string): number =>
  collectors.find((one) => one.name === name)?.count ?? Number.POSITIVE_INFINITY;

const hasFullBetween = (before: readonly PerfCollector[], after: readonly PerfCollector[]): boolean =>
  after.some(({ name, isFull, count }) => isFull && count > countOf(before, name));

/** When the newest full collection ended, by our clock. */
function fullPauses(before: readonly PerfCollector[], { collectors, upMs }: JvmFigures, at: number) {
  return collectors.flatMap(({ name, isFull, count, lastStartMs, lastEndMs }) =>
    isFull && count > countOf(before, name) && lastEndMs !== undefined && lastEndMs >= (lastStartMs ?? 0)
      ? [{ name, at: at - Math.max(0, upMs - lastEndMs) }]
      : [],
  );
}

/** A full collection empties eden, which has filled again since by the time it is read. */
function leftBytes({ pools, heap }: JvmFigures): number | undefined {
  const kept = pools.filter(({ isHeap, name }) => isHeap && !/eden/i.test(name));
  if (kept.length === 0 || kept.some(({ used }) => used === undefined)) return heap.used;
  return kept.reduce((sum, { used = 0 }) => sum + used, 0);
}

/** The file tells the cause of the last collection: of a full one only where no other came after it. */
function fullCauseOf({ collectors, lastCause }: JvmFigures): string | undefined {
  const endOf = (isFull: boolean) =>
    Math.max(0, ...collectors.filter((one) => one.isFull === isFull).map(({ lastEndMs = 0 }) => lastEndMs));
  return lastCause === undefined || endOf(true) < endOf(false) ? undefined : cleanLine(lastCause, 80);
}
