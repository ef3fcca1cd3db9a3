import { readLenaEnvironment } from '../diagnosis/lena-environment.ts';
import { serverContainerOf, type TypeVerdict } from '../diagnosis/server-type-rules.ts';
import type { Instance } from '../domain/instance.ts';
import { type Ref, refOf } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import { SERVER_TYPES, type ServerType } from '../domain/server-type.ts';
import type { ServerParts } from './server-parts.ts';
import { jvmOf } from './server-sample.ts';
import { stateOf } from './server-state.ts';

/** A server before its health is known. */
export type ServerFacts = Omit<Server, 'health'>;

/** The joined row: the orchestrator's word first, then the Manager's, then what the datagrams say. */
export function buildServer(parts: ServerParts): ServerFacts | undefined {
  const { instance, registration, sender, probe, workload, now } = parts;
  const anchor = instance ?? registration ?? sender;
  if (anchor === undefined) return undefined;
  const verdict = typeOf(parts);
  const container = instance === undefined ? undefined : serverContainerOf(instance);
  const { serviceCluster, revision } = revisionOf(parts);
  const { state, stateReason } = stateOf(parts, now);
  const jvm = jvmOf(parts, state, now);
  return {
    ref: refOf('server', anchor.ref.context, anchor.ref.id),
    name:
      instance?.name ?? registration?.serverName ?? registration?.serverId ?? sender?.name ?? anchor.ref.id,
    type: verdict?.type ?? 'unknown',
    typeReason: verdict?.reason ?? 'no rule answers',
    contextKind: instance?.contextKind ?? (registration === undefined ? 'udp' : 'manager'),
    place: instance?.place ?? hostPlaceOf(registration?.hostName ?? sender?.hostName),
    workload: instance?.workload,
    serviceCluster,
    revision,
    state,
    stateReason,
    manager: managerOf(parts, verdict?.type),
    jvm,
    heartbeat: sender?.heartbeat,
    counters: sender?.counters,
    restarts: instance?.restarts ?? sender?.restarts,
    createdAt: instance?.createdAt,
    startedAt: instance?.startedAt ?? jvm?.startedAt ?? registration?.startedAt,
    seenAt: seenAtOf(parts),
    address:
      instance?.addresses[0] ?? registration?.address ?? sender?.reportedAddress ?? sender?.sourceAddress,
    port: portOf(instance, verdict?.type) ?? registration?.port,
    node: instance?.node ?? registration?.nodeName,
    image: container?.image ?? workload?.image,
    labels: instance?.labels ?? NO_LABELS,
    environment: instance?.environment ?? NOTHING,
    containers: instance?.containers ?? NOTHING,
    records: {
      instance: instance?.ref,
      registration: registration?.ref,
      sender: sender?.ref,
      probe: probe?.ref,
    },
  };
}

const NO_LABELS: Readonly<Record<string, string>> = {};
const NOTHING: readonly never[] = [];

/** Records of a server as refs, for events that name one of them. */
export const recordsOf = ({ ref, records }: ServerFacts): readonly Ref[] =>
  [ref, records.instance, records.registration, records.sender].filter((record) => record !== undefined);

function typeOf({ instance, registration, sender, typeOf: read }: ServerParts): TypeVerdict | undefined {
  const verdict = instance === undefined ? undefined : read(instance);
  if (verdict !== undefined) return verdict;
  if (registration !== undefined) return { type: registration.type, reason: 'as its Manager lists it' };
  if (sender?.serverType !== undefined) return { type: sender.serverType, reason: 'as its datagrams say' };
  switch (sender?.codec) {
    case 'lena':
      return { type: 'was', reason: 'sends as a LENA advertiser' };
    case 'statsd':
    case 'collectd':
      return { type: 'jvm', reason: `sends ${sender.codec}` };
    case 'l9s':
    case 'heartbeat':
    case undefined:
      return undefined;
  }
}

function revisionOf({ instance, registration, sender, workload, templateDefault }: ServerParts): {
  readonly serviceCluster: string | undefined;
  readonly revision: Server['revision'];
} {
  const own = instance === undefined ? undefined : readLenaEnvironment(instance.environment).template;
  const planned = workload === undefined ? undefined : readLenaEnvironment(workload.environment).template;
  const serviceCluster =
    sender?.serviceCluster ?? registration?.serviceCluster ?? own?.serviceCluster ?? planned?.serviceCluster;
  if (serviceCluster === undefined && sender?.revision === undefined) {
    return { serviceCluster, revision: NO_REVISION };
  }
  const running =
    (sender?.codec === 'l9s' ? sender.revision : undefined) ??
    instance?.templateStart?.revision ??
    registration?.revision ??
    (own?.changedSinceStart === false ? own.revision : undefined);
  return {
    serviceCluster,
    revision: {
      running,
      wanted: planned?.revision,
      default: serviceCluster === undefined ? undefined : templateDefault(serviceCluster),
    },
  };
}
const NO_REVISION: Server['revision'] = {};

function managerOf(
  { registration, reads }: ServerParts,
  type: ServerType | undefined,
): Server['manager'] | undefined {
  if (registration !== undefined)
    return { context: registration.ref.context, registered: true, status: registration.status };
  if (type === undefined || !SERVER_TYPES[type].registers) return undefined;
  const read = reads.find(({ covers }) => covers.includes(type));
  return read === undefined ? undefined : { context: read.ref.context, registered: false };
}

function portOf(instance: Instance | undefined, type: ServerType | undefined): number | undefined {
  if (instance === undefined || instance.ports.length === 0) return undefined;
  const usual: readonly number[] = type === undefined ? NOTHING : SERVER_TYPES[type].ports;
  return usual.find((port) => instance.ports.includes(port)) ?? instance.ports[0];
}

function seenAtOf({ instance, registration, sender }: ServerParts): number {
  if (instance === undefined && registration === undefined) return sender?.heartbeat.at ?? 0;
  return Math.max(instance?.seenAt ?? 0, registration?.seenAt ?? 0);
}

const hostPlaceOf = (host: string | undefined): Server['place'] =>
  host === undefined ? undefined : { kind: 'host', name: host };
