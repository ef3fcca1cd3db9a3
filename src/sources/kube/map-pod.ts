import { type Json, lineOf, listOf, numberOf, recordOf, stringOf, timeOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import type { Instance } from '../../domain/instance.ts';
import { refOf } from '../../domain/ref.ts';
import type { WorkloadKind, WorkloadName } from '../../domain/workload.ts';
import type { EnvironmentReader, EnvironmentSpec } from './environment-spec.ts';
import type { Interner } from './intern.ts';
import { mapContainer, portsOf } from './map-container.ts';
import { maskArguments } from './mask.ts';
import { judgePod } from './pod-state.ts';
import { selectServerContainer } from './server-container.ts';

/** What the mappers share within one context. */
export interface MapContext {
  /** Our name of the context. */
  readonly context: string;
  readonly intern: Interner;
  readonly environments: EnvironmentReader;
  readonly now: () => number;
}

/** A pod as kept: its instance without environment, and what is needed to complete it when more is known. */
export interface PodRecord {
  readonly key: string;
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly instance: Instance;
  readonly environment: EnvironmentSpec;
  readonly fields: Readonly<Record<string, string>> | undefined;
  /** Owner by the pod's own word; a ReplicaSet is resolved to its Deployment where known. */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** The Deployment a ReplicaSet of this name belongs to by the naming convention. */
  readonly guess: WorkloadName | undefined;
}

/** The controller that owns an object. */
export function ownerOf(
  metadata: Json,
): { readonly kind: string; readonly name: string; readonly uid: string } | undefined {
  for (const entry of listOf(metadata['ownerReferences'])) {
    const owner = recordOf(entry);
    const kind = stringOf(owner['kind']);
    const name = stringOf(owner['name']);
    if (owner['controller'] === true && kind !== undefined && name !== undefined) {
      return { kind, name: cleanLine(name, 260), uid: stringOf(owner['uid']) ?? '' };
    }
  }
  return undefined;
}

const WORKLOAD_KINDS: ReadonlySet<string> = new Set<WorkloadKind>([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
]);
const isWorkloadKind = (kind: string): kind is WorkloadKind => WORKLOAD_KINDS.has(kind);

export const workloadNameOf = (
  owner: { readonly kind: string; readonly name: string } | undefined,
): WorkloadName | undefined =>
  owner !== undefined && isWorkloadKind(owner.kind) ? { kind: owner.kind, name: owner.name } : undefined;

/** A ReplicaSet `shop-5d4f8` whose pods carry `pod-template-hash: 5d4f8` was made by Deployment `shop`. */
function deploymentByName(
  owner: { kind: string; name: string } | undefined,
  labels: Json,
): WorkloadName | undefined {
  const hash = stringOf(labels['pod-template-hash']);
  if (owner?.kind !== 'ReplicaSet' || hash === undefined || !owner.name.endsWith(`-${hash}`))
    return undefined;
  return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
}

function fieldValue(path: string, object: Json): string | undefined {
  const subscript = /^metadata\.(labels|annotations)\['(.{1,320})'\]$/.exec(path);
  if (subscript !== null) {
    const [, map = '', name = ''] = subscript;
    return stringOf(recordOf(recordOf(object['metadata'])[map])[name]);
  }
  const [head = '', field = ''] = path.split('.');
  const value = recordOf(object[head])[field];
  if (path === 'status.podIPs')
    return listOf(value)
      .map((entry) => String(recordOf(entry)['ip']))
      .join(',');
  return stringOf(value);
}

function fieldsOf(spec: EnvironmentSpec, object: Json): Record<string, string> | undefined {
  if (spec.fieldPaths.length === 0) return undefined;
  const fields: Record<string, string> = {};
  for (const path of spec.fieldPaths) {
    const value = fieldValue(path, object);
    if (value !== undefined) fields[path] = value;
  }
  return fields;
}

function statusByName(status: Json): Map<string, Json> {
  const statuses = new Map<string, Json>();
  for (const list of ['containerStatuses', 'initContainerStatuses']) {
    for (const entry of listOf(status[list])) {
      const one = recordOf(entry);
      const name = stringOf(one['name']);
      if (name !== undefined) statuses.set(name, one);
    }
  }
  return statuses;
}

function addressesOf(status: Json): string[] {
  const addresses = new Set<string>();
  for (const value of [status['podIP'], ...listOf(status['podIPs']).map((entry) => recordOf(entry)['ip'])]) {
    const address = stringOf(value);
    if (address !== undefined) addresses.add(cleanLine(address, 64));
  }
  return [...addresses];
}

function deletionOf(metadata: Json, spec: Json) {
  const deletedAt = timeOf(metadata['deletionTimestamp']);
  const graceSeconds =
    (deletedAt === undefined ? undefined : numberOf(metadata['deletionGracePeriodSeconds'])) ??
    numberOf(spec['terminationGracePeriodSeconds']);
  return {
    // The timestamp lies in the future: it is when the grace period ends.
    deletingSince: deletedAt === undefined ? undefined : deletedAt - (graceSeconds ?? 0) * 1_000,
    gracePeriodMs: graceSeconds === undefined ? undefined : graceSeconds * 1_000,
  };
}

const commandOf = (container: Json | undefined): string[] =>
  maskArguments(
    [...listOf(container?.['command']), ...listOf(container?.['args'])]
      .slice(0, 200)
      .filter((argument) => typeof argument === 'string'),
  );

/** A Pod of the API; `undefined` where it lacks a name or a container. */
export function mapPod(
  object: unknown,
  { context, intern, environments, now }: MapContext,
): PodRecord | undefined {
  const pod = recordOf(object);
  const metadata = recordOf(pod['metadata']);
  const spec = recordOf(pod['spec']);
  const status = recordOf(pod['status']);
  const name = stringOf(metadata['name']);
  const namespace = intern.line(metadata['namespace']);
  const container = selectServerContainer(spec, recordOf(metadata['annotations']));
  if (name === undefined || namespace === undefined || container === undefined) return undefined;
  const cleanName = cleanLine(name, 260);
  const key = `${namespace}/${cleanName}`;
  const statuses = statusByName(status);
  const others = [...listOf(spec['containers']), ...listOf(spec['initContainers'])]
    .map(recordOf)
    .filter((other) => other !== container);
  const containers = [container, ...others];
  const server = statuses.get(stringOf(container['name']) ?? '');
  const { state, reason, readySince } = judgePod(metadata, status, server);
  const environment = environments.read(container);
  const owner = ownerOf(metadata);
  const hostname = stringOf(spec['hostname']);
  const labels = recordOf(metadata['labels']);
  const guess = deploymentByName(owner, labels);
  let restarts = 0;
  for (const entry of listOf(status['containerStatuses']))
    restarts += numberOf(recordOf(entry)['restartCount']) ?? 0;
  return {
    key,
    namespace,
    resourceVersion: stringOf(metadata['resourceVersion']) ?? '',
    environment,
    fields: fieldsOf(environment, pod),
    owner: owner === undefined ? undefined : { kind: owner.kind, name: owner.name },
    guess,
    instance: {
      ref: refOf('instance', context, key),
      contextKind: 'kube',
      name: cleanName,
      uid: lineOf(metadata['uid'], 100) ?? key,
      place: { kind: 'namespace', name: namespace },
      hostNames:
        hostname === undefined || hostname === name ? [cleanName] : [cleanName, cleanLine(hostname, 260)],
      addresses: addressesOf(status),
      ports: intern.list(portsOf(containers)),
      containers: containers.map((one) =>
        mapContainer(one, statuses.get(stringOf(one['name']) ?? ''), intern),
      ),
      command: intern.list(commandOf(container)),
      environment: [],
      labels: intern.labels(labels),
      workload: guess ?? workloadNameOf(owner),
      state,
      stateReason: intern.line(reason),
      readySince,
      createdAt: timeOf(metadata['creationTimestamp']),
      startedAt: timeOf(recordOf(recordOf(server?.['state'])['running'])['startedAt']),
      ...deletionOf(metadata, spec),
      restarts: status['containerStatuses'] === undefined ? undefined : restarts,
      node: intern.line(spec['nodeName']),
      seenAt: now(),
    },
  };
}
