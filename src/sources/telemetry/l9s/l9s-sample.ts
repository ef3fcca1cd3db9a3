import { cleanLine } from '../../../core/text.ts';
import type { JvmSample, MemoryUse } from '../../../domain/jvm-sample.ts';
import type { L9sDatagram, L9sJvm, L9sMemory, L9sSession, L9sWeb } from '../../../wire/l9s/datagram.ts';
import type { CounterBag } from '../counters.ts';
import type { L9sGc } from './l9s-gc.ts';

export interface SampleFacts {
  /** Epoch ms here. */
  readonly at: number;
  /** By our clock. */
  readonly startedAt: number | undefined;
  readonly gc: L9sGc;
}

const memoryOf = (memory: L9sMemory | undefined): MemoryUse | undefined =>
  memory && { usedBytes: memory.used, committedBytes: memory.committed, maxBytes: memory.max };
const nameOf = (name: string): string => cleanLine(name, 128);

function jvmSample(datagram: L9sJvm, { at, startedAt, gc }: SampleFacts): JvmSample {
  const { tx } = datagram;
  return {
    source: 'l9s',
    at,
    heap: memoryOf(datagram.heap),
    nonHeap: memoryOf(datagram.nonHeap),
    gcPerMinute: gc.perMinute,
    gcTimePercent: gc.timePercent,
    lastFullGc: gc.lastFullGc,
    tps: tx?.perSec,
    meanMs: tx?.avgMs,
    p95Ms: tx?.p95Ms,
    active: tx?.active === undefined ? undefined : { total: tx.active },
    connectors: datagram.connectors?.map(({ name, busy, max }) => ({ name: nameOf(name), busy, max })),
    dataSources: datagram.dataSources?.map((pool) => ({ ...pool, name: nameOf(pool.name) })),
    threads: datagram.threads,
    cpu: datagram.cpu,
    sessions: datagram.sessions,
    startedAt,
  };
}
function webSample(datagram: L9sWeb, { at, startedAt }: SampleFacts): JvmSample {
  const { threads, workers = [] } = datagram;
  const own = threads === undefined ? [] : [{ name: 'web', busy: threads.active, max: threads.max }];
  const links = workers.map(({ name, active, max }) => ({ name: nameOf(name), busy: active, max }));
  return {
    source: 'l9s',
    at,
    active: threads?.active === undefined ? undefined : { total: threads.active },
    connectors: [...own, ...links],
    cpu: datagram.cpu,
    startedAt,
  };
}
const sessionSample = (datagram: L9sSession, { at, startedAt }: SampleFacts): JvmSample => ({
  source: 'l9s',
  at,
  heap: memoryOf(datagram.heap),
  sessions: datagram.sessions?.count,
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
  const addAll = (prefix: string, group: object | undefined) => {
    for (const [name, value] of Object.entries(group ?? {})) {
      if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
        bag.add(`${prefix}.${name}`, value);
    }
  };
  switch (datagram.type) {
    case 'jvm':
      bag.add('tx.errors', datagram.tx?.errors);
      bag.add('classes', datagram.classes);
      addAll('fds', datagram.fds);
      for (const { name, ...pool } of datagram.pools ?? []) addAll(`pool.${name}`, pool);
      for (const { name, ...collector } of datagram.gc ?? []) addAll(`gc.${name}`, collector);
      return;
    case 'web':
      bag.add('access', datagram.access);
      bag.add('trafficBytes', datagram.trafficBytes);
      bag.add('threads.idle', datagram.threads?.idle);
      for (const { name, state, idle, errors } of datagram.workers ?? [])
        addAll(`worker.${name}`, { state, idle, errors });
      return;
    case 'session':
      bag.add('sessions.max', datagram.sessions?.max);
      bag.add('sessions.expired', datagram.sessions?.expired);
      addAll('mirror', datagram.mirror);
      addAll('lost', datagram.lost);
      return;
    case 'node':
      addAll('memory', datagram.memory);
      addAll('disk', datagram.disk);
      return;
    case 'event':
    case 'bye':
      return;
  }
}
