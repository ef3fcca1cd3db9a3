import { cleanLine } from '../../../core/text.ts';
import type { JvmSample, MemoryUse, SessionStoreUse, WebUse } from '../../../domain/jvm-sample.ts';
import type { L9sDatagram, L9sJvm, L9sMemory, L9sSession, L9sWeb } from '../../../wire/l9s/datagram.ts';
import { collectionFigures } from '../collection-figures.ts';
import type { CounterBag } from '../counters.ts';
import type { L9sGc } from './l9s-gc.ts';
import type { L9sRates } from './l9s-rates.ts';

export interface SampleFacts {
  /** Epoch ms here, when the datagram came. */
  readonly at: number;
  readonly now: number;
  /** By our clock. */
  readonly startedAt: number | undefined;
  readonly gc: L9sGc;
  readonly rates: L9sRates;
}

const memoryOf = (memory: L9sMemory): MemoryUse => ({
  usedBytes: memory.used,
  committedBytes: memory.committed,
  maxBytes: memory.max,
});
const nameOf = (name: string): string => cleanLine(name, 128);
const textOf = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : cleanLine(text, 256);

function jvmSample(datagram: L9sJvm, { at, now, startedAt, gc, rates }: SampleFacts): JvmSample {
  const { tx, heap } = datagram;
  return {
    source: 'l9s',
    at,
    heap: heap && { ...memoryOf(heap), afterGcBytes: gc.afterGcBytes },
    nonHeap: datagram.nonHeap && memoryOf(datagram.nonHeap),
    ...collectionFigures(gc, at),
    collectors: datagram.gc?.map(({ name, count, timeMs }) => ({ name: nameOf(name), count, timeMs })),
    pauses: gc.pauses.timesAt(now),
    memoryPools: datagram.pools?.map((pool) => ({ name: nameOf(pool.name), ...memoryOf(pool) })),
    tps: tx?.perSec,
    meanMs: tx?.avgMs,
    p95Ms: tx?.p95Ms,
    errorPercent: rates.errorPercent(tx?.perSec),
    active: tx?.active === undefined ? undefined : { total: tx.active },
    connectors: datagram.connectors?.map(({ name, busy, max }) => ({ name: nameOf(name), busy, max })),
    dataSources: datagram.dataSources?.map((pool) => ({ ...pool, name: nameOf(pool.name) })),
    threads: datagram.threads,
    cpu: datagram.cpu,
    sessions: datagram.sessions,
    classes: datagram.classes,
    fds: datagram.fds,
    stalledMs: datagram.stalledMs,
    unansweredMs: datagram.unansweredMs,
    startedAt,
  };
}
function webUse({ threads, access, trafficBytes, workers }: L9sWeb, rates: L9sRates): WebUse {
  return {
    activeThreads: threads?.active,
    idleThreads: threads?.idle,
    maxThreads: threads?.max,
    requests: access,
    trafficBytes,
    requestsPerSecond: rates.requests.perSecond,
    bytesPerSecond: rates.traffic.perSecond,
    workers: workers?.map((worker) => ({
      ...worker,
      name: nameOf(worker.name),
      state: textOf(worker.state),
    })),
  };
}
function webSample(datagram: L9sWeb, { at, startedAt, rates }: SampleFacts): JvmSample {
  const { threads } = datagram;
  const web = webUse(datagram, rates);
  return {
    source: 'l9s',
    at,
    tps: web.requestsPerSecond,
    active: threads?.active === undefined ? undefined : { total: threads.active },
    connectors: threads && [{ name: 'web', busy: threads.active, max: threads.max }],
    cpu: datagram.cpu,
    web,
    startedAt,
  };
}
const sessionStoreOf = ({ sessions, mirror, lost }: L9sSession): SessionStoreUse => ({
  sessions: sessions?.count,
  maxSessions: sessions?.max,
  expired: sessions?.expired,
  mirrorAddress: textOf(mirror?.address),
  isMirrorConnected: mirror?.connected,
  lost: lost && { received: lost.recv, requests: lost.req, responses: lost.resp },
});
const sessionSample = (datagram: L9sSession, { at, startedAt }: SampleFacts): JvmSample => ({
  source: 'l9s',
  at,
  heap: datagram.heap && memoryOf(datagram.heap),
  sessions: datagram.sessions?.count,
  sessionStore: sessionStoreOf(datagram),
  startedAt,
});

/** The reading a datagram gives; events and goodbyes give none. */
export function sampleOf(datagram: L9sDatagram, facts: SampleFacts): JvmSample | undefined {
  switch (datagram.type) {
    case 'jvm':
      return jvmSample(datagram, facts);
    case 'web':
      return webSample(datagram, facts);
    case 'session':
      return sessionSample(datagram, facts);
    case 'node':
      return { source: 'l9s', at: facts.at, cpu: datagram.cpu, startedAt: facts.startedAt };
    case 'event':
    case 'bye':
      return undefined;
  }
}

/** What a datagram tells beyond the fields of a sample. */
export function addCounters(bag: CounterBag, datagram: L9sDatagram): void {
  switch (datagram.type) {
    case 'jvm':
      bag.add('tx.errors', datagram.tx?.errors);
      return;
    case 'node':
      bag.add('memory.used', datagram.memory?.used);
      bag.add('memory.total', datagram.memory?.total);
      bag.add('disk.used', datagram.disk?.used);
      bag.add('disk.total', datagram.disk?.total);
      return;
    case 'web':
    case 'session':
    case 'event':
    case 'bye':
      return;
  }
}
