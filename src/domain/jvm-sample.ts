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
  /** When the JVM said it started, epoch ms. */
  readonly startedAt?: number | undefined;
}

/** How the receiver hears one sender. */
export interface Heartbeat {
  /** Last datagram, epoch ms at the receiver. */
  readonly at: number;
  readonly perMinute: number;
  /** Datagrams known to be lost (only where the form counts them). */
  readonly lost?: number | undefined;
  /** Datagrams refused because they did not decode. */
  readonly rejected: number;
  /** Expected pause between datagrams, ms. */
  readonly intervalMs: number;
  /** Sender's clock minus ours, ms, where the form tells. */
  readonly clockSkewMs?: number | undefined;
}
