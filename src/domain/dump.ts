import type { VerdictLine } from './analysis.ts';
import type { Facts } from './plan.ts';
import type { Ref } from './ref.ts';
import type { Text } from './text.ts';

/** What can be asked of a JVM and kept as a file. */
export const DUMP_KINDS = ['thread', 'service', 'histogram', 'heap'] as const;
export type DumpKind = (typeof DUMP_KINDS)[number];
export const DUMP_TITLES: Record<DumpKind, Text> = {
  thread: { en: 'thread dump', ko: '스레드 덤프' },
  service: { en: 'service dump', ko: '서비스 덤프' },
  histogram: { en: 'class histogram', ko: '클래스 히스토그램' },
  heap: { en: 'heap dump', ko: '힙 덤프' },
};

/** How a dump came, best first. `server-file`: the middleware had written it before, and it was fetched. */
export const DUMP_WAYS = ['lena-channel', 'agent-channel', 'pod-exec', 'ecs-exec', 'server-file'] as const;
export type DumpWayId = (typeof DUMP_WAYS)[number];
export const DUMP_WAY_TITLES: Record<DumpWayId, Text> = {
  'lena-channel': { en: 'LENA advertiser', ko: 'LENA 어드버타이저' },
  'agent-channel': { en: 'l9s agent', ko: 'l9s 에이전트' },
  'pod-exec': { en: 'pod exec', ko: '파드 exec' },
  'ecs-exec': { en: 'ECS exec', ko: 'ECS exec' },
  'server-file': { en: 'file on the server', ko: '서버의 파일' },
};

/** One of several dumps taken at an interval. */
export interface DumpSeries {
  /** Of all its files. */
  readonly id: string;
  /** From 1. */
  readonly number: number;
  readonly count: number;
}

/** What is written beside a dump's file: who took it, why, how, and how the server was then. */
export interface DumpFacts {
  readonly kind: DumpKind;
  readonly server: Ref<'server'>;
  /** At that moment. */
  readonly serverName: string;
  readonly namespace?: string | undefined;
  /** Epoch ms. */
  readonly takenAt: number;
  readonly way: DumpWayId;
  /** The very command or request, e.g. `jcmd 1 Thread.print -l`. */
  readonly how: string;
  /** False where whoever answered could not be told from another (a LENA advertiser's reverse connection). */
  readonly isAuthenticated: boolean;
  /** user@host of whoever took it. */
  readonly by: string;
  readonly reason?: string | undefined;
  readonly series?: DumpSeries | undefined;
  /** What the file lacks, and why; empty where it is whole. */
  readonly missing: readonly Text[];
  /** Heap, threads, requests, CPU of the server as last heard. */
  readonly figures: Facts;
}

/** A dump in the state directory; a row of `:dumps`. */
export interface Dump extends Omit<DumpFacts, 'way'> {
  /** Absent where its facts cannot be read. */
  readonly way?: DumpWayId | undefined;
  /** Context of the server; the id is the file's name. */
  readonly ref: Ref<'dump'>;
  readonly path: string;
  readonly sizeBytes: number;
  /** Of the file, lower-case hex. */
  readonly sha256?: string | undefined;
  /** What the analysis said when it was taken; absent for what is not analysed (heap). */
  readonly verdict?: readonly VerdictLine[] | undefined;
}

/** Of a class histogram: whether only what is reachable was counted, after a full collection. */
export function isLiveHistogram({ kind, how }: Pick<DumpFacts, 'kind' | 'how'>): boolean | undefined {
  if (kind !== 'histogram') return undefined;
  if (/\s-all\b/.test(how)) return false;
  // jcmd counts what is reachable unless it is told otherwise.
  return /[-:]live\b|GC\.class_histogram/.test(how) ? true : undefined;
}

/** Who is connected to TCP 16100; a row of the receiver's page. */
export interface DumpPeer {
  /** Context is the receiver's name, `udp`. */
  readonly ref: Ref<'peer'>;
  readonly protocol: 'lena' | 'l9s';
  readonly address: string;
  readonly port: number;
  readonly connectedAt: number;
  /** Of an agent: the identity it proved by its key. */
  readonly identity?: string | undefined;
  /** Of a LENA advertiser: CRC-32 of its objName, signed. */
  readonly objHash?: number | undefined;
  /** Ids of the servers an agent said hello for. */
  readonly serverIds: readonly string[];
  /** What it said it can do; of a LENA advertiser what is documented. */
  readonly can: readonly DumpKind[];
  /** Why it is not used: two for one server, an id outside its workload … */
  readonly refused?: Text | undefined;
}
