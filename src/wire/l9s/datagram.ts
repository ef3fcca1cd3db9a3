import type { ServerType } from '../../domain/server-type.ts';

/** What every `l9s/1` datagram says. Sizes are bytes, durations ms, instants epoch ms at the sender. */
export interface L9sHead {
  /** Format version. */
  readonly l9s: 1;
  /** Host name, plus `/name` where several servers run on one host; at most 128 characters. */
  readonly id: string;
  readonly serverType: ServerType;
  readonly serviceCluster?: string | undefined;
  /** Template revision it started with. */
  readonly revision?: string | undefined;
  readonly at: number;
  /** One more with each datagram since the start. */
  readonly seq: number;
  readonly upMs: number;
}

export interface L9sMemory {
  readonly used?: number | undefined;
  readonly committed?: number | undefined;
  readonly max?: number | undefined;
}
export interface L9sHeap extends L9sMemory {
  /** What the last collection of the old generation left; absent before the first. */
  readonly afterGc?: number | undefined;
}
export interface L9sPool extends L9sMemory {
  readonly name: string;
}
/** Cumulative since the start of the JVM. */
export interface L9sCollector {
  readonly name: string;
  readonly count?: number | undefined;
  readonly timeMs?: number | undefined;
}
export interface L9sPause {
  readonly name: string;
  readonly cause?: string | undefined;
  readonly at?: number | undefined;
  readonly pauseMs?: number | undefined;
}
export interface L9sConnector {
  readonly name: string;
  readonly busy?: number | undefined;
  readonly max?: number | undefined;
}
export interface L9sDataSource {
  readonly name: string;
  readonly active?: number | undefined;
  readonly idle?: number | undefined;
  readonly max?: number | undefined;
}
/** 0–1. */
export interface L9sCpu {
  readonly process?: number | undefined;
  readonly system?: number | undefined;
}

export interface L9sJvm extends L9sHead {
  readonly type: 'jvm';
  readonly heap?: L9sHeap | undefined;
  readonly nonHeap?: L9sMemory | undefined;
  readonly pools?: readonly L9sPool[] | undefined;
  readonly gc?: readonly L9sCollector[] | undefined;
  /** Since the last datagram. */
  readonly pauses?: readonly L9sPause[] | undefined;
  readonly threads?:
    | {
        readonly live?: number | undefined;
        readonly peak?: number | undefined;
        readonly daemon?: number | undefined;
        readonly blocked?: number | undefined;
        readonly stuck?: number | undefined;
      }
    | undefined;
  readonly connectors?: readonly L9sConnector[] | undefined;
  readonly dataSources?: readonly L9sDataSource[] | undefined;
  readonly cpu?: L9sCpu | undefined;
  readonly tx?:
    | {
        readonly perSec?: number | undefined;
        readonly avgMs?: number | undefined;
        readonly p95Ms?: number | undefined;
        readonly active?: number | undefined;
        /** Since the start. */
        readonly errors?: number | undefined;
      }
    | undefined;
  readonly classes?: number | undefined;
  readonly fds?: { readonly open?: number | undefined; readonly max?: number | undefined } | undefined;
  readonly sessions?: number | undefined;
  /** The JVM's own clock has stood still for so long, by whoever reads it from outside; ms. */
  readonly stalledMs?: number | undefined;
  /** What answered whoever reads it does so no more, for so long; ms. */
  readonly unansweredMs?: number | undefined;
}

export interface L9sWorker {
  readonly name: string;
  readonly state?: string | undefined;
  readonly active?: number | undefined;
  readonly idle?: number | undefined;
  readonly max?: number | undefined;
  readonly errors?: number | undefined;
}
export interface L9sWeb extends L9sHead {
  readonly type: 'web';
  readonly threads?:
    | {
        readonly active?: number | undefined;
        readonly idle?: number | undefined;
        readonly max?: number | undefined;
      }
    | undefined;
  readonly cpu?: L9sCpu | undefined;
  /** Requests served since the start. */
  readonly access?: number | undefined;
  readonly trafficBytes?: number | undefined;
  readonly workers?: readonly L9sWorker[] | undefined;
}

export interface L9sSession extends L9sHead {
  readonly type: 'session';
  readonly heap?: L9sHeap | undefined;
  readonly sessions?:
    | {
        readonly count?: number | undefined;
        readonly max?: number | undefined;
        readonly expired?: number | undefined;
      }
    | undefined;
  readonly mirror?:
    | { readonly address?: string | undefined; readonly connected?: boolean | undefined }
    | undefined;
  readonly lost?:
    | {
        readonly recv?: number | undefined;
        readonly req?: number | undefined;
        readonly resp?: number | undefined;
      }
    | undefined;
}

export interface L9sAmount {
  readonly used?: number | undefined;
  readonly total?: number | undefined;
}
export interface L9sNode extends L9sHead {
  readonly type: 'node';
  readonly cpu?: L9sCpu | undefined;
  readonly memory?: L9sAmount | undefined;
  readonly disk?: L9sAmount | undefined;
}

export type L9sLevel = 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';
export interface L9sEvent extends L9sHead {
  readonly type: 'event';
  /** `OUT-OF-MEMORY`, `FULL-GC`, `STUCK-THREAD`, `ERROR`. */
  readonly event: string;
  readonly level: L9sLevel;
  readonly message: string;
  readonly detail?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** The server stops on purpose. */
export interface L9sBye extends L9sHead {
  readonly type: 'bye';
}

export type L9sDatagram = L9sJvm | L9sWeb | L9sSession | L9sNode | L9sEvent | L9sBye;
