import { type Json, lineOf, listOf, numberOf, recordOf, stringOf } from '../../core/json-read.ts';
import { appError } from '../../domain/errors.ts';
import type { Facts } from '../../domain/plan.ts';
import type { KubeRemote } from '../../domain/remote.ts';
import type { Workload } from '../../domain/workload.ts';
import type { ActionTools } from '../tools.ts';
import { isRollingKind, type RollingKind, workloadPath } from './kube-paths.ts';
import { selectorText } from './live-pods.ts';

/** Where a workload is. */
export interface WorkloadPlace {
  readonly context: string;
  readonly namespace: string;
  readonly kind: RollingKind;
  readonly name: string;
}

/** A workload as its API server has it now. */
export interface LiveWorkload extends WorkloadPlace {
  readonly path: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Raised by every change of its specification, whoever made it. */
  readonly generation: number;
  readonly metadata: Json;
  readonly spec: Json;
  readonly status: Json;
  readonly template: Json;
  readonly labelSelector: string;
  /** How many pods it is to have. */
  readonly desired: number;
  readonly isPaused: boolean;
  /** Its pods are replaced only as somebody deletes them. */
  readonly isOnDelete: boolean;
}

/** Throws ACTION_IMPOSSIBLE for a kind that has no rollout. */
export function placeOf({ ref, kind, name, place }: Workload): WorkloadPlace {
  if (!isRollingKind(kind) || place.kind !== 'namespace')
    throw appError('ACTION_IMPOSSIBLE', `${kind} ${name} of ${ref.context} has no rollout`);
  return { context: ref.context, namespace: place.name, kind, name };
}

/** Reads a workload of a row. Rejects with an AppError. */
export async function readWorkload(
  workload: Workload,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<{ readonly live: LiveWorkload; readonly kube: Awaited<ReturnType<typeof openKube>> }> {
  const place = placeOf(workload);
  const kube = await openKube(tools, place.context);
  return { live: await readLive(kube, place, signal), kube };
}
export const openKube = (tools: ActionTools, context: string) => tools.remote('kube', context);

export async function readLive(
  kube: Pick<KubeRemote, 'get'>,
  place: WorkloadPlace,
  signal: AbortSignal,
): Promise<LiveWorkload> {
  const path = workloadPath(place.namespace, place.kind, place.name);
  const object = await kube.get(path, {}, signal);
  const metadata = recordOf(object['metadata']);
  const spec = recordOf(object['spec']);
  const status = recordOf(object['status']);
  const { context, namespace, kind, name } = place;
  return {
    context,
    namespace,
    kind,
    name,
    path,
    uid: stringOf(metadata['uid']) ?? '',
    resourceVersion: stringOf(metadata['resourceVersion']) ?? '',
    generation: numberOf(metadata['generation']) ?? 0,
    metadata,
    spec,
    status,
    template: recordOf(spec['template']),
    labelSelector: selectorText(spec['selector']),
    desired:
      place.kind === 'DaemonSet'
        ? (numberOf(status['desiredNumberScheduled']) ?? 0)
        : (numberOf(spec['replicas']) ?? 1),
    isPaused: spec['paused'] === true,
    isOnDelete: recordOf(spec['updateStrategy'])['type'] === 'OnDelete',
  };
}

/** What the audit keeps of a workload. */
export function factsOf(live: LiveWorkload): Facts {
  const { status, metadata, kind } = live;
  const isDaemonSet = kind === 'DaemonSet';
  const revision = stringOf(recordOf(metadata['annotations'])['deployment.kubernetes.io/revision']);
  return {
    uid: live.uid,
    generation: live.generation,
    replicas: live.desired,
    ready: numberOf(status[isDaemonSet ? 'numberReady' : 'readyReplicas']) ?? 0,
    updated: numberOf(status[isDaemonSet ? 'updatedNumberScheduled' : 'updatedReplicas']) ?? 0,
    image: imagesOf(live.template).join(', '),
    ...(revision === undefined ? {} : { revision }),
  };
}

/** Images of a pod template, in order. */
export const imagesOf = (template: unknown): readonly string[] =>
  listOf(recordOf(recordOf(template)['spec'])['containers']).flatMap(
    (container) => lineOf(recordOf(container)['image'], 300) ?? [],
  );
