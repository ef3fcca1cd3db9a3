import type { Server } from '../domain/server.ts';
import { isoTime } from './format-time.ts';
import { serverSeenAt } from './freshness.ts';
import { countersJson, heartbeatJson, jvmJson, probeJson } from './jvm.json.ts';
import { known } from './known.ts';
import type { ViewContext } from './view.ts';
import { say } from './words.ts';

/** One element of `servers` as the README documents it; what is not known is absent. */
export function serverJson(server: Server, context: ViewContext): Record<string, unknown> {
  const { manager, place, workload } = server;
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
      reasons: server.health.reasons.map((reason) =>
        known({
          code: reason.code,
          text: say(context, reason.text),
          next: say(context, reason.next),
          since: isoTime(reason.since),
          endsAt: isoTime(reason.endsAt),
        }),
      ),
    },
    manager:
      manager === undefined
        ? undefined
        : { context: manager.context, registered: manager.registered, status: manager.status },
    jvm: jvmJson(server.jvm),
    heartbeat: heartbeatJson(server, context),
    counters: countersJson(server, context),
    probe: probeJson(server, context),
    restarts: server.restarts,
    startedAt: isoTime(server.startedAt),
    seenAt: isoTime(serverSeenAt(server, context)),
    address: server.address,
    port: server.port,
    node: server.node,
    image: server.image,
  });
}
