import { AppError } from '../../core/app-error.ts';
import { listOf, numberOf, recordOf, stringOf } from '../../core/json-read.ts';
import { appError } from '../../domain/errors.ts';
import type { Facts, PlanTarget } from '../../domain/plan.ts';
import type { KubeRemote } from '../../domain/remote.ts';
import type { Server } from '../../domain/server.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ActionTools, Lookup } from '../tools.ts';
import { ownerPath, podPath } from './kube-paths.ts';
import { type LivePod, listPods, readPod, selectorText } from './live-pods.ts';
import { openKube } from './live-workload.ts';

/** The pod of a server's row, as it is now. */
export interface LiveServer {
  readonly context: string;
  readonly namespace: string;
  readonly pod: LivePod;
  readonly kube: Pick<KubeRemote, 'get'>;
}

/** Why a row of Kubernetes has no pod to act on. */
export const whyNoPod = ({ records, place }: Server): Text | undefined =>
  records.instance === undefined || place?.kind !== 'namespace'
    ? text('it has no pod', '파드가 없음')
    : undefined;

/** Why its pod needs nothing more. */
export const whyEnding = ({ state }: Server): Text | undefined =>
  state === 'stopping' ? text('its pod is ending already', '파드가 이미 종료 중임') : undefined;

/** Reads the pod of a row. Rejects with CONFLICT where the name is another pod's by now, and with other AppErrors. */
export async function readServer(
  server: Server,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<LiveServer> {
  const { context } = server.ref;
  const instance =
    server.records.instance === undefined ? undefined : tools.lookup.get(server.records.instance);
  if (instance === undefined || instance.place.kind !== 'namespace')
    throw appError('ACTION_IMPOSSIBLE', `${server.name} of ${context} has no pod`);
  const namespace = instance.place.name;
  const kube = await openKube(tools, context);
  const pod = readPod(await kube.get(podPath(namespace, instance.name), {}, signal));
  if (pod.uid !== instance.uid) {
    throw appError(
      'CONFLICT',
      `Pod ${namespace}/${pod.name} of ${context} is another one than the row shows`,
    );
  }
  return { context, namespace, pod, kube };
}

export const namespaceOf = (server: Server, lookup: Lookup): string | undefined =>
  (server.records.instance === undefined ? undefined : lookup.get(server.records.instance))?.place.name ??
  server.place?.name;

/** What the audit keeps of a pod. */
export const podFacts = ({ uid, isReady, isEnding, node, owner }: LivePod): Facts => ({
  uid,
  ready: isReady,
  ending: isEnding,
  ...(node === undefined ? {} : { node }),
  ...(owner === undefined ? {} : { controller: `${owner.kind} ${owner.name}` }),
});

/** How the pod of that name stands when it is over. */
export async function podAfter(
  { context, namespace, name }: PlanTarget,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<Facts> {
  if (namespace === undefined) return {};
  const kube = await openKube(tools, context);
  const pod = await readPodIfAny(kube, { namespace, name }, signal);
  return pod === undefined ? { gone: true } : podFacts(pod);
}

/** `undefined` where there is none of that name. */
export async function readPodIfAny(
  kube: Pick<KubeRemote, 'get'>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<LivePod | undefined> {
  try {
    return readPod(await kube.get(podPath(namespace, name), {}, signal));
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** A controller and all pods it controls now. */
export interface Siblings {
  /** `undefined` where its kind is none we know to read. */
  readonly desired: number | undefined;
  readonly pods: readonly LivePod[];
}

export async function readSiblings(
  { kube, namespace, pod }: LiveServer,
  signal: AbortSignal,
): Promise<Siblings> {
  const { owner } = pod;
  if (owner === undefined) return { desired: undefined, pods: [] };
  const path = ownerPath(namespace, owner.kind, owner.name);
  const object = path === undefined ? {} : await kube.get(path, {}, signal);
  const spec = recordOf(object['spec']);
  const scheduled = numberOf(recordOf(object['status'])['desiredNumberScheduled']);
  const labelSelector = selectorText(spec['selector']) || undefined;
  const pods = await listPods(kube, { namespace, labelSelector }, signal);
  return {
    desired: owner.kind === 'DaemonSet' ? scheduled : numberOf(spec['replicas']),
    pods: pods.filter(({ owner: other }) => other?.uid === owner.uid),
  };
}

/** The version of the policy API evictions are written in: `policy/v1` since Kubernetes 1.22. */
export async function evictionVersion(
  kube: Pick<KubeRemote, 'get'>,
  signal: AbortSignal,
): Promise<'policy/v1' | 'policy/v1beta1'> {
  try {
    const { versions } = await kube.get('/apis/policy', {}, signal);
    const served = listOf(versions).map((entry) => stringOf(recordOf(entry)['groupVersion']));
    return served.includes('policy/v1') || !served.includes('policy/v1beta1')
      ? 'policy/v1'
      : 'policy/v1beta1';
  } catch {
    return 'policy/v1';
  }
}
