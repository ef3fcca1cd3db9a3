import type { Server } from '../domain/server.ts';
import { isoTime } from './format-time.ts';
import { serverSeenAt } from './freshness.ts';
import { known } from './known.ts';
import type { ViewContext } from './view.ts';
import { say } from './words.ts';

function jvmJson({ jvm }: Server): Record<string, unknown> | undefined {
  if (jvm === undefined) return undefined;
  return {
    source: jvm.source,
    heap: jvm.heap,
    nonHeap: jvm.nonHeap,
    gcPerMinute: jvm.gcPerMinute,
    gcTimePercent: jvm.gcTimePercent,
    lastFullGc:
      jvm.lastFullGc === undefined
        ? undefined
        : {
            at: isoTime(jvm.lastFullGc.at),
            beforeBytes: jvm.lastFullGc.beforeBytes,
            afterBytes: jvm.lastFullGc.afterBytes,
          },
    tps: jvm.tps,
    meanMs: jvm.meanMs,
    p95Ms: jvm.p95Ms,
    errorPercent: jvm.errorPercent,
    active: jvm.active,
    connectors: jvm.connectors?.map(({ name, busy, max }) => known({ name, busy, max })),
    dataSources: jvm.dataSources?.map(({ name, active, idle, max }) => known({ name, active, idle, max })),
    threads: jvm.threads,
    cpu: jvm.cpu,
    sessions: jvm.sessions,
    startedAt: isoTime(jvm.startedAt),
    at: isoTime(jvm.at),
  };
}

/** One element of `servers` as the README documents it; what is not known is absent. */
export function serverJson(server: Server, context: ViewContext): Record<string, unknown> {
  const { heartbeat, manager, place, workload } = server;
  return known({
    id: server.ref.id,
    name: server.name,
    type: server.type,
    context: server.ref.context,
    ...(place === undefined ? {} : { [place.kind]: place.name }),
    workload: workload === undefined ? undefined : { kind: workload.kind, name: workload.name },
    serviceCluster: server.serviceCluster,
    revision: { ...server.revision },
    state: server.state,
    stateReason: server.stateReason,
    health: {
      level: server.health.level,
      reasons: server.health.reasons.map((reason) => ({
        code: reason.code,
        text: say(context, reason.text),
        next: say(context, reason.next),
      })),
    },
    manager:
      manager === undefined
        ? undefined
        : { context: manager.context, registered: manager.registered, status: manager.status },
    jvm: jvmJson(server),
    heartbeat:
      heartbeat === undefined
        ? undefined
        : { at: isoTime(heartbeat.at), perMinute: heartbeat.perMinute, lost: heartbeat.lost },
    restarts: server.restarts,
    startedAt: isoTime(server.startedAt),
    seenAt: isoTime(serverSeenAt(server, context)),
    address: server.address,
    port: server.port,
    node: server.node,
    image: server.image,
  });
}
