import type { ServiceDump } from '../../domain/service-dump.ts';
import type { DumpReading, ThreadReading } from './dump-reading.ts';
import { grownMost, type HistogramReading } from './histograms.ts';
import type { ContendedLock } from './lock-graph.ts';
import type { SeriesEvidence } from './series/series-evidence.ts';
import { byAge } from './services.ts';
import { placeOf } from './words.ts';

/** What was found, for programs; names and counts as in the files. Lists are bounded as the evidence is. */
export interface FindingsJson {
  readonly dumps: readonly DumpJson[];
  readonly threads?: ThreadsJson | undefined;
  readonly series?: SeriesJson | undefined;
  readonly histogram?: HistogramJson | undefined;
  readonly services?: ServicesJson | undefined;
  /** The same of each, where there are several; what stands beside it is of the last. */
  readonly servers?: readonly (Omit<FindingsJson, 'servers'> & { readonly server: string })[] | undefined;
}
export interface DumpJson {
  readonly file: string;
  /** Dumps of one run of one JVM have the same, the last dump's is the highest; 0 for one left out because it is cut. */
  readonly run: number;
  /** ISO 8601, UTC. */
  readonly at?: string | undefined;
  readonly title?: string | undefined;
  readonly form: string;
  readonly threads: number;
  readonly states: Readonly<Record<string, number>>;
  readonly isTruncated: boolean;
}
/** Of the last thread dump. */
export interface ThreadsJson {
  readonly deadlocks: readonly {
    readonly threads: readonly string[];
    readonly locks: readonly LockJson[];
    readonly kind: string;
    readonly isSaidByJvm: boolean;
    readonly behind: number;
  }[];
  readonly blockers: readonly {
    readonly thread: string;
    readonly locks: readonly LockJson[];
    readonly direct: number;
    readonly total: number;
    readonly doing: string;
    readonly place: string;
  }[];
  readonly ownersUnknown: readonly (LockJson & { readonly waiters: number })[];
  readonly pools: readonly {
    readonly name: string;
    readonly size: number;
    readonly busy: number;
    readonly blocked: number;
    readonly servesRequests: boolean;
    readonly places: readonly { readonly method: string; readonly doing: string; readonly count: number }[];
  }[];
  readonly groups: readonly {
    readonly count: number;
    readonly state: string;
    readonly place: string;
    readonly threads: readonly string[];
  }[];
  readonly requests: readonly {
    readonly thread: string;
    readonly state?: string | undefined;
    readonly place: string;
    readonly doing: string;
    readonly service?: string | undefined;
  }[];
}
interface LockJson {
  readonly id: string;
  readonly className?: string | undefined;
}
export interface SeriesJson {
  readonly spanMs?: number | undefined;
  readonly still: readonly { readonly thread: string; readonly place: string; readonly doing: string }[];
  readonly busy: readonly {
    readonly thread: string;
    readonly cpuMs: number;
    readonly wallMs: number;
    readonly coreShare: number;
    readonly place: string;
  }[];
  /** Of the last dump against the one before. */
  readonly added: readonly string[];
  readonly gone: readonly string[];
  readonly changed: readonly { readonly thread: string; readonly from: string; readonly to: string }[];
}
export interface HistogramJson {
  readonly totalInstances: number;
  readonly totalBytes: number;
  readonly firstBytes?: number | undefined;
  readonly classes: readonly {
    readonly className: string;
    readonly instances: number;
    readonly bytes: number;
    readonly instancesBefore?: number | undefined;
    readonly bytesBefore?: number | undefined;
  }[];
}
export interface ServicesJson {
  readonly from: string;
  readonly server: string;
  readonly at: string;
  readonly missing: readonly string[];
  readonly requests: ServiceDump['requests'];
}

const MOST = 200;
const MOST_NAMES = 1_000;

const names = (readings: readonly ThreadReading[]): readonly string[] =>
  readings.slice(0, MOST_NAMES).map(({ thread }) => thread.name);
const lockJson = ({ lock }: ContendedLock): LockJson => ({ id: lock.id, className: lock.className });
const isoOf = (at: number | undefined): string | undefined =>
  at === undefined || Number.isNaN(new Date(at).getTime()) ? undefined : new Date(at).toISOString();

export const dumpJson = ({ file, at, dump, threads, states }: DumpReading, run: number): DumpJson => ({
  file,
  run,
  at: isoOf(at),
  title: dump.title,
  form: dump.form,
  threads: threads.length,
  states: Object.fromEntries(states),
  isTruncated: dump.isTruncated,
});

export function threadsJson({ locks, pools, groups, threads }: DumpReading): ThreadsJson {
  return {
    deadlocks: locks.deadlocks.slice(0, MOST).map((deadlock) => ({
      threads: names(deadlock.threads),
      locks: deadlock.locks.slice(0, MOST_NAMES).map(lockJson),
      kind: deadlock.kind,
      isSaidByJvm: deadlock.isSaid,
      behind: deadlock.behind.length,
    })),
    blockers: locks.roots.slice(0, MOST).map((root) => ({
      thread: root.owner.thread.name,
      locks: root.locks.slice(0, MOST).map(lockJson),
      direct: root.direct,
      total: root.held.length,
      doing: root.owner.doing,
      place: placeOf(root.owner),
    })),
    ownersUnknown: locks.contended
      .filter(({ owner }) => owner === undefined)
      .slice(0, MOST)
      .map((lock) => ({ ...lockJson(lock), waiters: lock.waiters.length })),
    pools: pools.slice(0, MOST).map((pool) => ({
      name: pool.name,
      size: pool.members.length,
      busy: pool.busy,
      blocked: pool.blocked,
      servesRequests: pool.isWorkers,
      places: pool.places.slice(0, 10).map(({ method, doing, members }) => ({
        method,
        doing,
        count: members.length,
      })),
    })),
    groups: groups.slice(0, MOST).map((group) => ({
      count: group.members.length,
      state: group.state,
      place: group.stack.place,
      threads: names(group.members),
    })),
    requests: threads
      .filter(({ isServing }) => isServing)
      .slice(0, MOST_NAMES)
      .map((reading) => ({
        thread: reading.thread.name,
        state: reading.thread.state,
        place: placeOf(reading),
        doing: reading.doing,
        service: reading.thread.service,
      })),
  };
}

export function seriesJson({ series, still, busy, difference }: SeriesEvidence): SeriesJson {
  return {
    spanMs: series.spanMs,
    still: still.slice(0, MOST_NAMES).map(({ last }) => ({
      thread: last.thread.name,
      place: placeOf(last),
      doing: last.doing,
    })),
    busy: busy.slice(0, MOST).map(({ track, burnt }) => ({
      thread: track.last.thread.name,
      cpuMs: Math.round(burnt.cpuMs),
      wallMs: Math.round(burnt.wallMs),
      coreShare: Math.round(burnt.share * 1_000) / 1_000,
      place: placeOf(track.last),
    })),
    added: names(difference.added),
    gone: names(difference.gone),
    changed: difference.changed.slice(0, MOST_NAMES).map(({ from, to }) => ({
      thread: to.thread.name,
      from: from.thread.state ?? 'JVM',
      to: to.thread.state ?? 'JVM',
    })),
  };
}

export function histogramJson(reading: HistogramReading): HistogramJson {
  const shown = new Set([...reading.classes.slice(0, MOST), ...grownMost(reading).slice(0, MOST)]);
  return {
    totalInstances: reading.totalInstances,
    totalBytes: reading.totalBytes,
    firstBytes: reading.firstBytes,
    classes: [...shown].map(({ now, before }) => ({
      ...now,
      instancesBefore: reading.first === undefined ? undefined : (before?.instances ?? 0),
      bytesBefore: reading.first === undefined ? undefined : (before?.bytes ?? 0),
    })),
  };
}

export const servicesJson = (dump: ServiceDump): ServicesJson => ({
  from: dump.from,
  server: dump.server,
  at: isoOf(dump.at) ?? '',
  missing: dump.missing,
  requests: byAge(dump).slice(0, MOST_NAMES),
});
