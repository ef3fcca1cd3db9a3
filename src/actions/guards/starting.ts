import { readLenaEnvironment } from '../../diagnosis/lena-environment.ts';
import { createTypeReader } from '../../diagnosis/server-type-rules.ts';
import type { EnvironmentEntry } from '../../domain/environment.ts';
import type { ContainerFacts } from '../../domain/instance.ts';
import { refOf } from '../../domain/ref.ts';
import type { Server } from '../../domain/server.ts';
import type { ServerType } from '../../domain/server-type.ts';
import type { Workload } from '../../domain/workload.ts';
import type { Lookup } from '../tools.ts';

/** A container that a plan makes start: what the guards look at. */
export interface Starting {
  readonly context: string;
  readonly name: string;
  readonly type: ServerType | 'unknown';
  /** What it starts with: its workload's environment now. */
  readonly environment: readonly EnvironmentEntry[];
  readonly containers: readonly Pick<ContainerFacts, 'name' | 'image' | 'imagePullPolicy'>[];
  /** Template revisions that run now and are known other than by datagram; `undefined` for those not known. */
  readonly running: readonly (string | undefined)[];
  /** What the one it replaces is given to end in. */
  readonly gracePeriodMs?: number | undefined;
  /** Who else changes the workload. */
  readonly ownedBy: readonly string[];
}

/** A server that is restarted by itself: its replacement takes what its workload says now. */
export function startingOfServer(server: Server, lookup: Lookup): Starting {
  const workload = workloadOfServer(server, lookup);
  return {
    context: server.ref.context,
    name: server.name,
    type: server.type,
    environment: workload?.environment ?? server.environment,
    containers: server.containers,
    running: [runningRevision(server, lookup)],
    gracePeriodMs: graceOf(server, lookup),
    // Restarting one server changes nothing that somebody else would put back.
    ownedBy: [],
  };
}

/** A workload all of whose servers start anew. */
export function startingOfWorkload(workload: Workload, lookup: Lookup): Starting {
  const servers = serversOfWorkload(workload, lookup);
  const [first] = servers;
  return {
    context: workload.ref.context,
    name: workload.name,
    type: typeOfWorkload(workload, lookup),
    environment: workload.environment,
    containers: first?.containers ?? imageOf(workload),
    running: servers.map((server) => runningRevision(server, lookup)),
    gracePeriodMs: first === undefined ? undefined : graceOf(first, lookup),
    ownedBy: workload.ownedBy,
  };
}

const graceOf = ({ records }: Server, lookup: Lookup): number | undefined =>
  records.instance === undefined ? undefined : lookup.get(records.instance)?.gracePeriodMs;

const imageOf = ({ name, image }: Workload) => (image === undefined ? [] : [{ name, image }]);

export const isOfWorkload = (server: Server, workload: Workload): boolean =>
  server.workload !== undefined &&
  server.ref.context === workload.ref.context &&
  server.workload.kind === workload.kind &&
  server.workload.name === workload.name &&
  server.place?.kind === workload.place.kind &&
  server.place.name === workload.place.name;

export const serversOfWorkload = (workload: Workload, lookup: Lookup): readonly Server[] =>
  [...lookup.all('server')].filter((server) => isOfWorkload(server, workload));

export function workloadOfServer(server: Server, lookup: Lookup): Workload | undefined {
  if (server.workload === undefined || server.place === undefined) return undefined;
  const { kind, name } = server.workload;
  return lookup.get(refOf('workload', server.ref.context, `${server.place.name}/${kind}/${name}`));
}

/**
 * The template revision a server started with, as its Manager or its own unchanged environment says. The row's
 * `revision.running` may come from a datagram, and a plan reads none.
 */
export function runningRevision(
  { records, environment }: Pick<Server, 'records' | 'environment'>,
  lookup: Lookup,
): string | undefined {
  const told = records.registration === undefined ? undefined : lookup.get(records.registration)?.revision;
  if (told !== undefined) return told;
  const own = readLenaEnvironment(environment).template;
  return own?.changedSinceStart === false ? own.revision : undefined;
}

const readType = createTypeReader([]);

/** By its servers; for one that has none, by what its pod template or task definition says. */
export function typeOfWorkload(workload: Workload, lookup: Lookup): ServerType | 'unknown' {
  const [first] = serversOfWorkload(workload, lookup);
  if (first !== undefined) return first.type;
  const verdict = readType({
    ref: refOf('instance', workload.ref.context, workload.ref.id),
    contextKind: workload.contextKind,
    name: workload.name,
    uid: '',
    place: workload.place,
    hostNames: [],
    addresses: [],
    ports: [],
    containers: imageOf(workload).map((container) => ({ ...container, state: 'unknown' as const })),
    command: [],
    environment: workload.environment,
    labels: workload.labels,
    state: 'unknown',
    seenAt: workload.seenAt,
  });
  return verdict?.type ?? 'unknown';
}
