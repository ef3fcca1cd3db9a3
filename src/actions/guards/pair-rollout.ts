import { lineOf, listOf, numberOf, recordOf } from '../../core/json-read.ts';
import type { JsonValue } from '../../domain/call.ts';
import { appError } from '../../domain/errors.ts';
import type { CallStep, PlanWarning, Step, WaitStep } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import { listPods, partOf } from '../kube/live-pods.ts';
import { type LiveWorkload, openKube } from '../kube/live-workload.ts';
import { rolloutWait } from '../kube/rollout-wait.ts';
import type { ActionTools } from '../tools.ts';
import { type RollMark, uidPatch } from './roll-mark.ts';
import type { SessionPair } from './session-mirror.ts';
import { mirrorSeen, mirrorUnseen, mirrorWait, notMirrored, pairOrder } from './session-pair.ts';
import { typeOfWorkload } from './starting.ts';

const PARTITION = '/spec/updateStrategy/rollingUpdate/partition';
const POD_EVERY_MS = 2_000;
const POD_TIMEOUT_MS = 900_000;

export interface PairChange {
  readonly live: LiveWorkload;
  /** Operations on the template, the mark among them, and those that put the template back. */
  readonly set: readonly JsonValue[];
  readonly undo: readonly JsonValue[];
  readonly isNew: RollMark['isNew'];
  /** Calls for what the template refers to (a ConfigMap), made before it is rolled. */
  readonly first?: readonly CallStep[] | undefined;
  /** Those that put that back. */
  readonly last?: readonly CallStep[] | undefined;
  readonly title: Text;
}
export interface PairRollout {
  readonly steps: readonly Step[];
  readonly restore: readonly CallStep[];
  readonly warnings: readonly PlanWarning[];
}

/** True for a StatefulSet that runs both servers of a session pair and replaces them by itself. */
export const isSessionPairSet = (workload: Workload, live: LiveWorkload, tools: ActionTools): boolean =>
  live.kind === 'StatefulSet' &&
  live.desired === 2 &&
  !live.isOnDelete &&
  typeOfWorkload(workload, tools.lookup) === 'session';

/**
 * Rolls a session pair one after the other: with partition 1 the second member alone is replaced, and the first
 * follows when both are ready and mirrored. Where something fails before that, partition and template are put back;
 * later they are not, since going back would restart the member that holds the sessions. Rejects with
 * ACTION_IMPOSSIBLE where somebody else has staged a rollout.
 */
export async function pairRollout(
  change: PairChange,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<PairRollout> {
  const { live } = change;
  const update = recordOf(live.spec['updateStrategy'])['rollingUpdate'];
  const staged = numberOf(recordOf(update)['partition']) ?? 0;
  const start = numberOf(recordOf(live.spec['ordinals'])['start']) ?? 0;
  if (staged > start) {
    throw appError(
      'ACTION_IMPOSSIBLE',
      `StatefulSet ${live.namespace}/${live.name} of ${live.context} has partition ${staged}: somebody rolls it out in parts`,
      { hint: 'Finish or undo that rollout first.' },
    );
  }
  const partition = start + 1;
  const pair = pairOf(live, start);
  const seen = pair === undefined ? 'it has no container' : await mirrorSeen(pair, tools, signal);
  const mirror = pair === undefined || typeof seen === 'string' ? [] : [mirrorWait(pair, tools)];
  const patch = (title: Text, operations: readonly JsonValue[]): CallStep => ({
    type: 'call',
    call: { context: live.context, title, request: uidPatch(live, operations) },
  });
  const isPartition = { op: 'test', path: PARTITION, value: partition };
  return {
    steps: [
      {
        type: 'call',
        call: {
          context: live.context,
          title: text(
            `hold ${live.name} back: partition ${partition}`,
            `${live.name} 보류: partition ${partition}`,
          ),
          request: uidPatch(live, [seenAs(live), ...holdBack(update, partition)]),
        },
      },
      ...(change.first ?? []),
      patch(change.title, [isPartition, ...change.set]),
      memberWait(change, `${live.name}-${partition}`, tools),
      ...mirror,
      patch(
        text(
          `let the first of ${live.name} follow: partition ${staged}`,
          `${live.name} 첫 번째 진행: partition ${staged}`,
        ),
        [isPartition, { op: 'replace', path: PARTITION, value: staged }],
      ),
      rolloutWait({ live, tools, isNew: change.isNew }),
      ...mirror,
    ],
    restore: [
      patch(
        text(
          `put partition and template of ${live.name} back, unless the first member has begun`,
          `${live.name}의 partition과 템플릿 복원 (첫 번째가 시작되지 않은 경우)`,
        ),
        [isPartition, { op: 'replace', path: PARTITION, value: staged }, ...change.undo],
      ),
      ...(change.last ?? []),
    ],
    warnings: [
      pairOrder(`${live.name}-${partition}`, `${live.name}-${start}`, mirror.length > 0),
      ...warningsOf(live, seen),
    ],
  };
}

/** What the plan looked at: whoever changed the specification since makes the first call a conflict. */
const seenAs = ({ generation }: LiveWorkload): JsonValue => ({
  op: 'test',
  path: '/metadata/generation',
  value: generation,
});

const holdBack = (update: unknown, partition: number): readonly JsonValue[] => [
  update === undefined
    ? { op: 'add', path: '/spec/updateStrategy/rollingUpdate', value: { partition } }
    : { op: 'add', path: PARTITION, value: partition },
];

function pairOf(live: LiveWorkload, start: number): SessionPair | undefined {
  const [first] = listOf(recordOf(live.template['spec'])['containers']);
  const container = lineOf(recordOf(first)['name']);
  if (container === undefined) return undefined;
  const { context, namespace, name } = live;
  const member = (ordinal: number) => ({ namespace, pod: `${name}-${ordinal}`, container });
  return { context, members: [member(start), member(start + 1)] };
}

const memberWait = ({ live, isNew }: PairChange, member: string, tools: ActionTools): WaitStep => ({
  type: 'wait',
  title: text(`wait until ${member} is new and ready`, `${member} 교체 및 준비 대기`),
  everyMs: POD_EVERY_MS,
  timeoutMs: POD_TIMEOUT_MS,
  check: async (signal) => {
    const kube = await openKube(tools, live.context);
    const pods = await listPods(kube, live, signal);
    const parts = pods.map((pod) => partOf(pod, pod.name !== member || isNew(pod)));
    const isDone = pods.some((pod) => pod.name === member && pod.isReady && isNew(pod));
    return { state: isDone ? 'done' : 'waiting', parts };
  },
});

function warningsOf(
  live: LiveWorkload,
  seen: Awaited<ReturnType<typeof mirrorSeen>>,
): readonly PlanWarning[] {
  if (typeof seen === 'string') return [mirrorUnseen(live.name, seen)];
  if (seen.state === 'done') return [];
  return [notMirrored(live.name, seen.state === 'failed' ? seen.error.message : (seen.detail ?? ''))];
}
