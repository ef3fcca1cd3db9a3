/** Where a sample came from. */
export type JvmSampleSource = 'lena' | 'l9s' | 'statsd' | 'collectd' | 'probe' | 'manager';

/** Bytes; `afterGcBytes` is what the last old-generation collection left. */
export interface MemoryUse {
  readonly usedBytes?: number | undefined;
  readonly committedBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly afterGcBytes?: number | undefined;
}
export interface FullGc {
  /** Epoch ms. */
  readonly at: number;
  readonly beforeBytes?: number | undefined;
  readonly afterBytes?: number | undefined;
  /** Most that part of the heap may hold. */
  readonly maxBytes?: number | undefined;
  /** As the JVM names it, e.g. `System.gc()`; absent where it is not told. */
  readonly cause?: string | undefined;
}
export interface ConnectorUse {
  readonly name: string;
  /** May be a mean, hence not whole. */
  readonly busy?: number | undefined;
  readonly max?: number | undefined;
}
export interface DataSourceUse {
  readonly name: string;
  readonly active?: number | undefined;
  readonly idle?: number | undefined;
  readonly max?: number | undefined;
}

/** One memory pool of a JVM, e.g. `G1 Old Gen`. */
export interface MemoryPoolUse {
  readonly name: string;
  readonly usedBytes?: number | undefined;
  readonly committedBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
}
/** One collector of a JVM; count and time since its start. */
export interface CollectorUse {
  readonly name: string;
  readonly count?: number | undefined;
  readonly timeMs?: number | undefined;
}
/** What all collectors together did since the sample before; `coveredMs` is the time between the two. */
export interface GcInterval {
  readonly coveredMs: number;
  readonly count: number;
  readonly timeMs: number;
}
/** Pauses of the receiver's last ten minutes, where single pauses are sent; ms. */
export interface PauseTimes {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}
/** What only a web server tells. */
export interface WebUse {
  readonly activeThreads?: number | undefined;
  readonly idleThreads?: number | undefined;
  readonly maxThreads?: number | undefined;
  /** Requests and bytes since its start. */
  readonly requests?: number | undefined;
  readonly trafficBytes?: number | undefined;
  readonly requestsPerSecond?: number | undefined;
  readonly bytesPerSecond?: number | undefined;
  /** Back ends it hands requests to. */
  readonly workers?:
    | readonly {
        readonly name: string;
        readonly state?: string | undefined;
        readonly active?: number | undefined;
        readonly idle?: number | undefined;
        readonly max?: number | undefined;
        readonly errors?: number | undefined;
      }[]
    | undefined;
}
/** What only a session server tells. */
export interface SessionStoreUse {
  readonly sessions?: number | undefined;
  readonly maxSessions?: number | undefined;
  readonly expired?: number | undefined;
  readonly mirrorAddress?: string | undefined;
  readonly isMirrorConnected?: boolean | undefined;
  readonly lost?:
    | {
        readonly received?: number | undefined;
        readonly requests?: number | undefined;
        readonly responses?: number | undefined;
      }
    | undefined;
}

/**
 * One reading of a JVM, whatever sent it. Every group is optional: `undefined` means not known, never zero.
 * Datagrams are advice: nothing that changes a remote reads this.
 */
export interface JvmSample {
  readonly source: JvmSampleSource;
  /** When it arrived here, epoch ms. */
  readonly at: number;
  readonly heap?: MemoryUse | undefined;
  readonly nonHeap?: MemoryUse | undefined;
  /** Collections a minute and their share of wall time (0–100), over the receiver's last minute. */
  readonly gcPerMinute?: number | undefined;
  readonly gcTimePercent?: number | undefined;
  /** Absent in the first sample, and where no collector is told of. */
  readonly gcInterval?: GcInterval | undefined;
  readonly collectors?: readonly CollectorUse[] | undefined;
  readonly pauses?: PauseTimes | undefined;
  readonly memoryPools?: readonly MemoryPoolUse[] | undefined;
  /** Full collections since the JVM's start. */
  readonly fullGcs?: number | undefined;
  readonly lastFullGc?: FullGc | undefined;
  /** Requests a second, mean milliseconds and percent that threw, over the sender's window (LENA: 30 s). */
  readonly tps?: number | undefined;
  readonly meanMs?: number | undefined;
  readonly p95Ms?: number | undefined;
  readonly errorPercent?: number | undefined;
  /** Requests running now, by age. */
  readonly active?:
    | {
        readonly total?: number | undefined;
        readonly under3s?: number | undefined;
        readonly under8s?: number | undefined;
        readonly over8s?: number | undefined;
      }
    | undefined;
  readonly connectors?: readonly ConnectorUse[] | undefined;
  readonly dataSources?: readonly DataSourceUse[] | undefined;
  readonly threads?:
    | {
        readonly live?: number | undefined;
        readonly peak?: number | undefined;
        readonly daemon?: number | undefined;
        readonly blocked?: number | undefined;
        readonly stuck?: number | undefined;
      }
    | undefined;
  /** 0–1. */
  readonly cpu?: { readonly process?: number | undefined; readonly system?: number | undefined } | undefined;
  readonly sessions?: number | undefined;
  /** Classes loaded. */
  readonly classes?: number | undefined;
  /** File descriptors. */
  readonly fds?: { readonly open?: number | undefined; readonly max?: number | undefined } | undefined;
  /** Its own clock has stood still for so long, as its agent sees it; ms. */
  readonly stalledMs?: number | undefined;
  /** It answered its agent's requests and does so no more, for so long; ms. */
  readonly unansweredMs?: number | undefined;
  readonly web?: WebUse | undefined;
  readonly sessionStore?: SessionStoreUse | undefined;
  /** When the JVM said it started, epoch ms. */
  readonly startedAt?: number | undefined;
}

/** One reason for which datagrams were refused: words of ours, never of the datagram. */
export interface RejectReason {
  readonly reason: string;
  readonly count: number;
}

/** How a sender is heard, or a JVM is read. */
export interface Heartbeat {
  /** Last datagram, epoch ms at the receiver. */
  readonly at: number;
  readonly perMinute: number;
  /** Datagrams known to be lost (only where the form counts them). */
  readonly lost?: number | undefined;
  /** Datagrams refused because they did not decode. */
  readonly rejected: number;
  /** Why, most frequent first; a bounded number of reasons, the rest together. */
  readonly rejectReasons?: readonly RejectReason[] | undefined;
  /** Expected pause between datagrams, ms. */
  readonly intervalMs: number;
  /** Sender's clock minus ours, ms, where the form tells. */
  readonly clockSkewMs?: number | undefined;
}
