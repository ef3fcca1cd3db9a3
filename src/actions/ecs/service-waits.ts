import { type ErrorCode, sourceFailure } from '../../domain/errors.ts';
import type { Progress, ProgressPart, WaitStep } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { ReadingOf } from '../tools.ts';
import {
  definitionName,
  type LiveDeployment,
  type LiveService,
  primaryOf,
  readService,
} from './live-service.ts';
import { describeTasks, isReady, type LiveTask, shortId, tasksOfService } from './live-task.ts';

const EVERY_MS = 3_000;
const ROLLOUT_TIMEOUT_MS = 30 * 60_000;
const SCALE_TIMEOUT_MS = 20 * 60_000;
const STOP_TIMEOUT_MS = 10 * 60_000;

export interface ServiceWait {
  /** As it was when the plan was made. */
  readonly live: LiveService;
  readonly ecs: ReadingOf<'ecs'>;
  /** Whether the tasks waited for have a health check. */
  readonly isChecked: boolean;
}

/** Waits until the deployment that our change began is COMPLETED, with the tasks as parts. */
export function rolloutWait({ live, ecs, isChecked }: ServiceWait): WaitStep {
  const before = primaryOf(live)?.id;
  /** The first deployment that took the place of the one we saw is the one we began. */
  let ours: string | undefined;
  return {
    type: 'wait',
    title: text(`wait until ${live.name} is rolled out`, `${live.name} 배포 완료 대기`),
    everyMs: EVERY_MS,
    timeoutMs: ROLLOUT_TIMEOUT_MS,
    async check(signal) {
      const now = await readService(live, ecs, signal);
      const primary = primaryOf(now);
      if (ours === undefined && primary?.id !== before) ours = primary?.id;
      if (ours === undefined) return { state: 'waiting', detail: 'the new deployment has not begun yet' };
      const deployment = now.deployments.find(({ id }) => id === ours);
      const tasks = await tasksOfService(ecs, live, signal);
      const parts = tasks
        .filter(({ startedBy }) => startedBy === ours)
        .map((task) => partOf(task, isChecked));
      const ended = whyEnded(now, { deployment, primary, ours });
      if (ended !== undefined) return { state: 'failed', error: ended, parts };
      const old = tasks.length - parts.length;
      const detail = rolloutDetail(parts, {
        old,
        desired: now.desiredCount,
        failed: deployment?.failedTasks ?? 0,
      });
      const isDone =
        deployment?.rolloutState === undefined
          ? now.deployments.length === 1 && now.runningCount === now.desiredCount && old === 0
          : deployment.rolloutState === 'COMPLETED';
      const areReady = parts.every(({ state }) => state === 'done');
      return { state: isDone && areReady ? 'done' : 'waiting', detail, parts };
    },
  };
}

interface Seen {
  readonly deployment: LiveDeployment | undefined;
  readonly primary: LiveDeployment | undefined;
  readonly ours: string;
}

/** FAILED by the circuit breaker, or put aside by somebody else's deployment. */
function whyEnded({ cluster, name, messages }: LiveService, { deployment, primary, ours }: Seen) {
  const failure = (code: ErrorCode, words: string) =>
    sourceFailure(code, `Deployment ${ours} of service ${cluster}/${name} ${words}`);
  if (deployment?.rolloutState === 'FAILED')
    return failure('ROLLOUT_FAILED', `failed: ${deployment.reason ?? 'ECS gives no reason'}`);
  if (primary === undefined || primary.id === ours) return undefined;
  const next = `${primary.id} of ${definitionName(primary.taskDefinition)}`;
  // Rolled back quickly, the failed one is in no list any more; only the events tell of it.
  const failed = messages.find((message) => message.includes(`(deployment ${ours}) deployment failed`));
  if (failed !== undefined)
    return failure('ROLLOUT_FAILED', `failed and was rolled back by ECS (${next}): ${failed}`);
  return /roll(ed|ing)?[ -]?back/i.test(primary.reason ?? '')
    ? failure('ROLLOUT_FAILED', `was rolled back by ECS (${next}: ${primary.reason ?? ''})`)
    : failure('CONFLICT', `was put aside by another one, ${next}`);
}

function rolloutDetail(
  parts: readonly ProgressPart[],
  counts: { readonly old: number; readonly desired: number; readonly failed: number },
): string {
  const ready = parts.filter(({ state }) => state === 'done').length;
  return [
    `${ready} of ${counts.desired} new tasks ready`,
    ...(counts.old === 0 ? [] : [`${counts.old} old left`]),
    ...(counts.failed === 0 ? [] : [`${counts.failed} failed to start`]),
  ].join(', ');
}

/** Waits until as many tasks are ready as were asked for, and no more run. */
export function scaleWait({ live, ecs, isChecked }: ServiceWait, desiredCount: number): WaitStep {
  return {
    type: 'wait',
    title: text(
      `wait until ${live.name} has ${desiredCount} tasks`,
      `${live.name} 태스크 ${desiredCount}개 대기`,
    ),
    everyMs: EVERY_MS,
    timeoutMs: SCALE_TIMEOUT_MS,
    async check(signal): Promise<Progress> {
      const now = await readService(live, ecs, signal);
      if (now.desiredCount !== desiredCount) {
        const words = `Service ${live.cluster}/${live.name} is set to ${now.desiredCount} by somebody else now, not ${desiredCount}`;
        return { state: 'failed', error: sourceFailure('CONFLICT', words) };
      }
      const tasks = await tasksOfService(ecs, live, signal);
      const parts = tasks.map((task) => partOf(task, isChecked));
      const ready = parts.filter(({ state }) => state === 'done').length;
      const isDone = ready === desiredCount && now.runningCount === desiredCount && now.pendingCount === 0;
      return {
        state: isDone ? 'done' : 'waiting',
        detail: `${ready} of ${desiredCount} ready, ${now.runningCount} running`,
        parts,
      };
    },
  };
}

/** Waits until a task has stopped; one that ECS has forgotten is gone too. */
export function stoppedWait(task: LiveTask, cluster: string, ecs: ReadingOf<'ecs'>): WaitStep {
  return {
    type: 'wait',
    title: text(`wait until task ${shortId(task)} has stopped`, `태스크 ${shortId(task)} 중지 대기`),
    everyMs: EVERY_MS,
    timeoutMs: STOP_TIMEOUT_MS,
    async check(signal) {
      const [now] = await describeTasks(ecs, cluster, [task.arn], signal);
      const isGone = now === undefined || now.lastStatus === 'STOPPED' || now.lastStatus === 'DELETED';
      return { state: isGone ? 'done' : 'waiting', detail: now?.lastStatus ?? 'gone' };
    },
  };
}

/** Waits until a service has a new task ready in place of one, and as many in all as it wants. */
export function replacementWait(
  { live, ecs, isChecked }: ServiceWait,
  facts: { readonly task: LiveTask; readonly seen: readonly LiveTask[] },
): WaitStep {
  const known = new Set(facts.seen.map(({ arn }) => arn));
  return {
    type: 'wait',
    title: text(
      `wait until ${live.name} has a ready task in place of ${shortId(facts.task)}`,
      `${live.name}: ${shortId(facts.task)}을(를) 대신할 태스크 준비 대기`,
    ),
    everyMs: EVERY_MS,
    timeoutMs: SCALE_TIMEOUT_MS,
    async check(signal) {
      const now = await readService(live, ecs, signal);
      const tasks = await tasksOfService(ecs, live, signal);
      const parts = tasks.filter(({ arn }) => !known.has(arn)).map((task) => partOf(task, isChecked));
      const ready = tasks.filter((task) => isReady(task, isChecked)).length;
      // A service that was scaled down meanwhile replaces nothing.
      const isWanted = tasks.length - parts.length < now.desiredCount;
      const hasNew = !isWanted || parts.some(({ state }) => state === 'done');
      return {
        state: hasNew && ready >= now.desiredCount ? 'done' : 'waiting',
        detail: `${ready} of ${now.desiredCount} ready`,
        parts,
      };
    },
  };
}

const partOf = (task: LiveTask, isChecked: boolean): ProgressPart => ({
  name: shortId(task),
  state: isReady(task, isChecked) ? 'done' : 'waiting',
  detail:
    task.health === undefined || task.health === 'UNKNOWN'
      ? task.lastStatus
      : `${task.lastStatus} ${task.health}`,
});
