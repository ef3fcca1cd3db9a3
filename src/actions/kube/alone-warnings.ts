import { recordOf } from '../../core/json-read.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import type { Server } from '../../domain/server.ts';
import { text } from '../../domain/text.ts';
import type { Lookup } from '../tools.ts';
import { isRollingKind, ownerPath, type RollingKind } from './kube-paths.ts';
import { controllerOf, type LivePod, listPods } from './live-pods.ts';
import type { LiveServer, Siblings } from './live-server.ts';
import { type LiveWorkload, readLive } from './live-workload.ts';
import { judgeRollout } from './rollout-wait.ts';

/** What serves beside a pod while it is replaced. */
interface Beside {
  readonly kind: string;
  readonly name: string;
  readonly pods: readonly LivePod[];
  /** `undefined` where its kind has no rollout, or it may not be read. */
  readonly workload: LiveWorkload | undefined;
}

/**
 * Says where no other pod of the workload is ready, those that are restarted together left out, and that a rollout is
 * under way. During a rollout a Deployment's pods are of several ReplicaSets, and all of them serve.
 */
export async function aloneWarnings(
  live: LiveServer,
  siblings: Siblings,
  { together, lookup, signal }: Together,
): Promise<readonly PlanWarning[]> {
  const { pod } = live;
  const { kind, name, pods, workload } = await readBeside(live, siblings, signal);
  const going = new Set([pod.uid, ...together.flatMap((server) => uidOf(server, lookup) ?? [])]);
  const warnings: PlanWarning[] = [];
  if (!pods.some(({ uid, isReady }) => isReady && !going.has(uid))) {
    const said = text(
      `No other pod of ${kind} ${name} is ready: nothing serves until the new one is`,
      `${kind} ${name}의 준비된 다른 파드가 없음: 새 파드가 준비될 때까지 서비스 중단`,
    );
    warnings.push({ level: 'warn', code: 'last-ready', text: said });
  }
  const rollout = workload === undefined ? undefined : judgeRollout(workload);
  if (rollout?.state === 'progressing') {
    const said = text(
      `A rollout of ${kind} ${name} is under way (${rollout.message ?? ''}): it replaces pods by itself`,
      `${kind} ${name}의 롤아웃이 진행 중이며 (${rollout.message ?? ''}) 파드를 스스로 교체함`,
    );
    warnings.push({ level: 'warn', code: 'rollout-running', text: said });
  }
  return warnings;
}

interface Together {
  /** Rows of the same order. */
  readonly together: readonly Server[];
  readonly lookup: Lookup;
  readonly signal: AbortSignal;
}

const uidOf = ({ records }: Server, lookup: Lookup): string | undefined =>
  records.instance === undefined ? undefined : lookup.get(records.instance)?.uid;

/** The Deployment of a ReplicaSet's pod, else the pod's own controller; that one too where it may not be read. */
async function readBeside(live: LiveServer, { pods }: Siblings, signal: AbortSignal): Promise<Beside> {
  const { kind = '', name = '' } = live.pod.owner ?? {};
  try {
    if (isRollingKind(kind))
      return { kind, name, pods, workload: await readRolling(live, kind, name, signal) };
    const path = kind === 'ReplicaSet' ? ownerPath(live.namespace, kind, name) : undefined;
    const set = path === undefined ? {} : await live.kube.get(path, {}, signal);
    const above = controllerOf(recordOf(set['metadata']));
    if (above?.kind === 'Deployment') {
      const workload = await readRolling(live, 'Deployment', above.name, signal);
      const { namespace, labelSelector } = workload;
      const all = await listPods(live.kube, { namespace, labelSelector }, signal);
      return { kind: above.kind, name: above.name, pods: all, workload };
    }
  } catch (error) {
    if (signal.aborted) throw error;
  }
  return { kind, name, pods, workload: undefined };
}

const readRolling = (
  { kube, context, namespace }: LiveServer,
  kind: RollingKind,
  name: string,
  signal: AbortSignal,
) => readLive(kube, { context, namespace, kind, name }, signal);
