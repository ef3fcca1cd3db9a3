/** Bytes; `max` is absent where the JVM sets none. */
export interface PerfMemory {
  readonly used?: number | undefined;
  readonly committed?: number | undefined;
  readonly max?: number | undefined;
}
export interface PerfPool extends PerfMemory {
  /** As the JVM's own management names it, e.g. `G1 Old Gen`, `Metaspace`. */
  readonly name: string;
  /** Part of the Java heap; metaspace is not. */
  readonly isHeap: boolean;
}
export interface PerfCollector {
  /** As the JVM's own management names it, e.g. `G1 Young Generation`. */
  readonly name: string;
  /**
   * Its collections stop the JVM and collect the whole heap: each is a Full GC, and what it leaves is the heap after
   * GC. Pauses of a concurrent collector are none, whatever they collect.
   */
  readonly isFull: boolean;
  /** Finished since the start: the file (and jstat) counts one when it begins, but its time when it ends. */
  readonly count: number;
  readonly timeMs: number;
  /** When its last collection began and ended, ms since the start, where the file tells. */
  readonly lastStartMs?: number | undefined;
  readonly lastEndMs?: number | undefined;
  /** Collecting at that instant: what the file says of the heap is then of before, or of in between. */
  readonly isRunning?: boolean | undefined;
}

/** One JVM as its hsperfdata file shows it at one instant; absent is what that JVM does not write. */
export interface JvmFigures {
  /** e.g. `17.0.13+11`. */
  readonly version?: string | undefined;
  readonly policy?: string | undefined;
  /** Main class or jar and arguments: untrusted, and it may hold secrets. */
  readonly command?: string | undefined;
  /**
   * Ms since the start when the JVM last wrote its clock into the file. From JDK 25 on it writes none: then the newest
   * instant in it, which may be long ago, so count from `startedAt`.
   */
  readonly upMs: number;
  /** Epoch ms. */
  readonly startedAt?: number | undefined;
  /** Both survivor spaces count; `max` is what `-Xmx` says. */
  readonly heap: PerfMemory;
  /** Empty: no version writes what the code cache holds, and metaspace alone would pass for the whole. */
  readonly nonHeap: PerfMemory;
  readonly pools: readonly PerfPool[];
  readonly collectors: readonly PerfCollector[];
  readonly lastCause?: string | undefined;
  /** Cause of a collection running right now, e.g. `System.gc()`; absent where none is. */
  readonly runningCause?: string | undefined;
  readonly threads?:
    | {
        readonly live?: number | undefined;
        readonly peak?: number | undefined;
        readonly daemon?: number | undefined;
      }
    | undefined;
  /** Classes loaded now. */
  readonly classes?: number | undefined;
}
