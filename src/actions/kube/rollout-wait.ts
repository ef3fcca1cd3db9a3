import { AppError } from '../../core/app-error.ts';
import { lineOf, numberOf } from '../../core/json-read.ts';
import {
  conditionOf,
  judgeDaemonSet,
  judgeDeployment,
  judgeStatefulSet,
} from '../../diagnosis/kube-rollout.ts';
import { sourceFailure } from '../../domain/errors.ts';
import type { Progress, ProgressPart, WaitStep } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { ActionTools } from '../tools.ts';
import type { RollingKind } from './kube-paths.ts';
import { type LivePod, listPods, partOf } from './live-pods.ts';
import { type LiveWorkload, openKube, readLive } from './live-workload.ts';

const EVERY_MS = 2_000;
const MINUTE_MS = 60_000;
/** A pod's own start and end, generously; a rollout takes them one after another. */
const POD_TIMEOUT_MS = 10 * MINUTE_MS;
const MAX_TIMEOUT_MS = 120 * MINUTE_MS;
const MAX_PARTS = 200;

const JUDGES = {
  Deployment: judgeDeployment,
  StatefulSet: judgeStatefulSet,
  DaemonSet: judgeDaemonSet,
} satisfies Record<RollingKind, typeof judgeDeployment>;

/** How a workload's rollout stands, as `kubectl rollout status` judges. */
export const judgeRollout = ({ kind, metadata, spec, status }: LiveWorkload) =>
  JUDGES[kind](metadata, spec, status);

const timeoutFor = (pods: number): number => Math.min(MAX_TIMEOUT_MS, Math.max(1, pods) * POD_TIMEOUT_MS);

export interface RolloutWait {
  readonly live: LiveWorkload;
  readonly tools: ActionTools;
  /** Whether a pod is of the template rolled out. */
  readonly isNew: (pod: LivePod) => boolean;
}

/** Waits until every pod is of the new template and available, as `kubectl rollout status` judges. */
export const rolloutWait = ({ live, tools, isNew }: RolloutWait): WaitStep => ({
  type: 'wait',
  title: text(`wait until all of ${live.name} are new and ready`, `${live.name} 전체 교체 및 준비 대기`),
  everyMs: EVERY_MS,
  timeoutMs: timeoutFor(live.desired),
  check: (signal) =>
    look(live, tools, signal, (now, pods) => {
      const { state, message } = judgeRollout(now);
      const parts = partsOf(pods, isNew);
      switch (state) {
        case 'failed':
          return { state: 'failed', error: rolloutFailed(now, pods), parts };
        case 'paused':
          return {
            state: 'failed',
            error: sourceFailure('ROLLOUT_FAILED', `${nameOf(now)} was paused while it rolled out`),
            parts,
          };
        case 'progressing':
          return { state: 'waiting', detail: message, parts };
        case 'stable':
          return { state: 'done', detail: `${now.desired} of ${now.desired} new and ready`, parts };
      }
    }),
});

/** Waits until a workload has as many pods as it was told to, all ready. */
export const scaleWait = (live: LiveWorkload, replicas: number, tools: ActionTools): WaitStep => ({
  type: 'wait',
  title: text(`wait until ${replicas} of ${live.name} are ready`, `${live.name} ${replicas}개 준비 대기`),
  everyMs: EVERY_MS,
  timeoutMs: timeoutFor(Math.abs(replicas - live.desired)),
  check: (signal) =>
    look(live, tools, signal, (now, pods) => {
      const parts = partsOf(pods, () => true);
      if (now.desired !== replicas) {
        const message = `${nameOf(now)} is to have ${now.desired} now: somebody or an autoscaler changed it again`;
        return { state: 'failed', error: sourceFailure('CONFLICT', message), parts };
      }
      const isSeen = (numberOf(now.status['observedGeneration']) ?? 0) >= now.generation;
      const all = numberOf(now.status['replicas']) ?? 0;
      const ready = numberOf(now.status['readyReplicas']) ?? 0;
      const ending = pods.filter(({ isEnding }) => isEnding).length;
      const detail = `${ready} of ${replicas} ready${ending > 0 ? `, ${ending} ending` : ''}`;
      const isDone = isSeen && all === replicas && ready === replicas && ending === 0;
      return { state: isDone ? 'done' : 'waiting', detail, parts };
    }),
});

/** One look at a workload and its pods; that it is gone, or another one of its name, ends the wait. */
async function look(
  seen: LiveWorkload,
  tools: ActionTools,
  signal: AbortSignal,
  judge: (now: LiveWorkload, pods: readonly LivePod[]) => Progress,
): Promise<Progress> {
  const kube = await openKube(tools, seen.context);
  let now: LiveWorkload;
  try {
    now = await readLive(kube, seen, signal);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'NOT_FOUND') throw error;
    return { state: 'failed', error: sourceFailure('NOT_FOUND', `${nameOf(seen)} is gone`) };
  }
  if (now.uid !== seen.uid) {
    const message = `${nameOf(seen)} was deleted and made anew meanwhile`;
    return { state: 'failed', error: sourceFailure('CONFLICT', message) };
  }
  return judge(now, await listPods(kube, now, signal));
}

const partsOf = (pods: readonly LivePod[], isNew: (pod: LivePod) => boolean): readonly ProgressPart[] =>
  pods.slice(0, MAX_PARTS).map((pod) => partOf(pod, isNew(pod)));

const nameOf = ({ kind, namespace, name, context }: LiveWorkload): string =>
  `${kind} ${namespace}/${name} of ${context}`;

/** Names the pods that hold a rollout up. */
function rolloutFailed(now: LiveWorkload, pods: readonly LivePod[]) {
  const said = lineOf(conditionOf(now.status, 'Progressing')?.['message'], 300);
  const stuck = pods
    .filter(({ isReady, isEnding }) => !isReady && !isEnding)
    .slice(0, 5)
    .map(({ name, detail }) => `${name} ${detail ?? ''}`.trim());
  const message = [`${nameOf(now)} exceeded its progress deadline`, said, stuck.join(', ')];
  return sourceFailure(
    'ROLLOUT_FAILED',
    message.filter((part) => part !== undefined && part !== '').join('; '),
  );
}
