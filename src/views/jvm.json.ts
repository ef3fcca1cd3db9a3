import { readCounter } from '../diagnosis/read-counter.ts';
import type { FullGc, JvmSample } from '../domain/jvm-sample.ts';
import type { Sender } from '../domain/sender.ts';
import type { Server } from '../domain/server.ts';
import { otherCounters } from './counter-lines.ts';
import { toHundredths } from './format-number.ts';
import { isoTime } from './format-time.ts';
import { probeOf } from './jvm-absence.ts';
import { known } from './known.ts';
import type { ViewContext } from './view.ts';

const knownEach = (records: readonly object[] | undefined) => records?.map((record) => known({ ...record }));
const fullGcJson = (full: FullGc | undefined) => full && { ...full, at: isoTime(full.at) };

/** Everything of a sample; sizes, times and rates carry their unit in the name. */
export function jvmJson(jvm: JvmSample | undefined): Record<string, unknown> | undefined {
  if (jvm === undefined) return undefined;
  const { web } = jvm;
  return {
    source: jvm.source,
    heap: jvm.heap,
    nonHeap: jvm.nonHeap,
    gcPerMinute: jvm.gcPerMinute,
    gcTimePercent: jvm.gcTimePercent,
    gcInterval: jvm.gcInterval,
    collectors: knownEach(jvm.collectors),
    pauses: jvm.pauses,
    memoryPools: knownEach(jvm.memoryPools),
    fullGcs: jvm.fullGcs,
    lastFullGc: fullGcJson(jvm.lastFullGc),
    tps: jvm.tps,
    meanMs: jvm.meanMs,
    p95Ms: jvm.p95Ms,
    errorPercent: jvm.errorPercent,
    active: jvm.active,
    connectors: knownEach(jvm.connectors),
    dataSources: knownEach(jvm.dataSources),
    threads: jvm.threads,
    cpu: jvm.cpu,
    sessions: jvm.sessions,
    classes: jvm.classes,
    stalledMs: jvm.stalledMs,
    unansweredMs: jvm.unansweredMs,
    fds: jvm.fds,
    web: web && { ...web, workers: knownEach(web.workers) },
    sessionStore: jvm.sessionStore,
    startedAt: isoTime(jvm.startedAt),
    at: isoTime(jvm.at),
  };
}

const senderOf = ({ records }: Server, { related }: ViewContext): Sender | undefined =>
  records.sender === undefined ? undefined : related.get(records.sender);

/** How it is heard, and who it says it is. */
export function heartbeatJson(server: Server, context: ViewContext): Record<string, unknown> | undefined {
  const { heartbeat } = server;
  if (heartbeat === undefined) return undefined;
  const sender = senderOf(server, context);
  return {
    at: isoTime(heartbeat.at),
    perMinute: heartbeat.perMinute,
    intervalMs: heartbeat.intervalMs,
    lost: heartbeat.lost,
    rejected: heartbeat.rejected,
    rejectReasons: heartbeat.rejectReasons,
    clockSkewMs: heartbeat.clockSkewMs,
    codec: sender?.codec,
    from: sender && { address: sender.sourceAddress, port: sender.sourcePort },
    reportedAddress: sender?.reportedAddress,
    version: sender?.version,
    appStatus: sender?.appStatus,
    restarts: sender?.restarts,
  };
}

/** What was sent and has no field of its own: `{ServiceCount: {value: 11, unit: "requests"}}`; a unit nobody documents is absent. */
export function countersJson(server: Server, context: ViewContext): Record<string, unknown> | undefined {
  if (server.counters === undefined) return undefined;
  const codec = senderOf(server, context)?.codec;
  return Object.fromEntries(
    otherCounters(server.counters).map(([counter, sent]) => {
      const value = typeof sent === 'object' ? sent.map(toHundredths) : sent;
      return [counter, known({ value, unit: readCounter(counter, codec).meaning?.unit })];
    }),
  );
}

/** How its JVM is read from outside, where it is, and why not. */
export function probeJson(server: Server, context: ViewContext): Record<string, unknown> | undefined {
  const probe = probeOf(server, context);
  if (probe === undefined) return undefined;
  return {
    way: probe.way,
    pid: probe.pid,
    restarts: probe.restarts,
    at: probe.jvm === undefined ? undefined : isoTime(probe.jvm.at),
    intervalMs: probe.heartbeat.intervalMs,
    others: probe.others,
    failure: probe.failure,
  };
}
