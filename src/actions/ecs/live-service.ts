import { lineOf, listOf, numberOf, recordOf, stringOf } from '../../core/json-read.ts';
import { appError, sourceFailure } from '../../domain/errors.ts';
import type { Facts, WaitStep } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import type { ActionTools, ReadingOf } from '../tools.ts';

/** One deployment of a service; the primary one is what new tasks come from. */
export interface LiveDeployment {
  readonly id: string;
  readonly isPrimary: boolean;
  readonly taskDefinition: string;
  /** COMPLETED, IN_PROGRESS, FAILED; absent where another controller rolls out. */
  readonly rolloutState: string | undefined;
  readonly reason: string | undefined;
  readonly failedTasks: number;
}
/** A service as ECS describes it at the moment of planning. */
export interface LiveService {
  readonly context: string;
  readonly cluster: string;
  readonly name: string;
  readonly arn: string;
  readonly status: string;
  /** ECS, CODE_DEPLOY or EXTERNAL. */
  readonly controller: string;
  readonly isDaemon: boolean;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  /** ARN. */
  readonly taskDefinition: string;
  readonly minimumHealthyPercent: number | undefined;
  readonly deployments: readonly LiveDeployment[];
  /** What ECS last said about it, newest first. */
  readonly messages: readonly string[];
}

const UNCHANGED_TIMEOUT_MS = 30_000;

/** Cluster and name of a workload row. */
export const serviceOf = ({ ref, place, name }: Workload) => ({
  context: ref.context,
  cluster: place.name,
  name,
});

/** Reads a service. Rejects with NOT_FOUND where it is gone, and as the remote does. */
export async function readService(
  { context, cluster, name }: ReturnType<typeof serviceOf>,
  ecs: ReadingOf<'ecs'>,
  signal: AbortSignal,
): Promise<LiveService> {
  const answer = await ecs.read('DescribeServices', { cluster, services: [name] }, signal);
  const [service] = listOf(answer['services']).map(recordOf);
  const what = `service ${cluster}/${name} of ${context}`;
  if (service === undefined || service['status'] === 'INACTIVE')
    throw appError('NOT_FOUND', `There is no ${what} (any more)`);
  const arn = stringOf(service['serviceArn']);
  const taskDefinition = stringOf(service['taskDefinition']);
  if (arn === undefined) throw appError('UNEXPECTED_ANSWER', `DescribeServices: ${what} has no ARN`);
  return {
    context,
    cluster,
    name,
    arn,
    status: stringOf(service['status']) ?? 'ACTIVE',
    controller: stringOf(recordOf(service['deploymentController'])['type']) ?? 'ECS',
    isDaemon: service['schedulingStrategy'] === 'DAEMON',
    desiredCount: numberOf(service['desiredCount']) ?? 0,
    runningCount: numberOf(service['runningCount']) ?? 0,
    pendingCount: numberOf(service['pendingCount']) ?? 0,
    taskDefinition: taskDefinition ?? '',
    minimumHealthyPercent: numberOf(recordOf(service['deploymentConfiguration'])['minimumHealthyPercent']),
    deployments: listOf(service['deployments'])
      .map(recordOf)
      .map((deployment) => ({
        id: stringOf(deployment['id']) ?? '',
        isPrimary: deployment['status'] === 'PRIMARY',
        taskDefinition: stringOf(deployment['taskDefinition']) ?? '',
        rolloutState: stringOf(deployment['rolloutState']),
        reason: lineOf(deployment['rolloutStateReason'], 300),
        failedTasks: numberOf(deployment['failedTasks']) ?? 0,
      })),
    messages: listOf(service['events']).flatMap((event) => lineOf(recordOf(event)['message'], 300) ?? []),
  };
}

/** Reads the service of a row, and refuses one that is being taken away. */
export async function openService(target: Workload, tools: ActionTools, signal: AbortSignal) {
  const ecs = await tools.remote('ecs', target.ref.context);
  const live = await readService(serviceOf(target), ecs, signal);
  if (live.status === 'DRAINING')
    throw appError('ACTION_IMPOSSIBLE', `Service ${live.cluster}/${live.name} is being deleted (DRAINING)`);
  return { ecs, live };
}

/** Throws ACTION_IMPOSSIBLE where somebody else rolls the service out. */
export function assertRollsOut({ controller, cluster, name, context }: LiveService): void {
  if (controller === 'ECS') return;
  throw appError(
    'ACTION_IMPOSSIBLE',
    `Service ${cluster}/${name} of ${context} is rolled out by ${controller}, not by ECS itself`,
    { hint: 'Start the deployment there (CodeDeploy or its own controller).' },
  );
}
export const whyNotRolledOut = ({ ownedBy }: Workload): Text | undefined =>
  ownedBy.some((owner) => owner === 'CodeDeploy' || owner === 'external deployment controller')
    ? text('another controller rolls it out, not ECS itself', '다른 컨트롤러가 배포하는 서비스임')
    : undefined;

export const primaryOf = ({ deployments }: LiveService): LiveDeployment | undefined =>
  deployments.find(({ isPrimary }) => isPrimary);

/** `family:revision` of an ARN. */
export const definitionName = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

export const targetOfService = ({ ref }: Workload, live: LiveService) => ({
  ref,
  context: live.context,
  kind: 'EcsService',
  name: live.name,
  before: serviceFacts(live),
});

export function serviceFacts(live: LiveService): Facts {
  const primary = primaryOf(live);
  return {
    cluster: live.cluster,
    taskDefinition: definitionName(live.taskDefinition),
    desiredCount: live.desiredCount,
    runningCount: live.runningCount,
    ...(primary === undefined ? {} : { deployment: primary.id }),
    ...(primary?.rolloutState === undefined ? {} : { rolloutState: primary.rolloutState }),
  };
}

/** What of a service must still be as it was when the plan was shown. */
export type Watched = 'deployment' | 'desiredCount';

/**
 * Right before the change: ECS takes no precondition, so what the plan saw is read once more, and a change by
 * somebody else since is a CONFLICT. A moment stays in which two may pass each other.
 */
export function unchangedCheck(live: LiveService, watched: Watched, ecs: ReadingOf<'ecs'>): WaitStep {
  const seen = watchedValue(live, watched);
  return {
    type: 'wait',
    title: text(
      `see that nobody changed ${live.name} since the plan`,
      `계획 이후 ${live.name}이(가) 바뀌지 않았는지 확인`,
    ),
    everyMs: 2_000,
    timeoutMs: UNCHANGED_TIMEOUT_MS,
    async check(signal) {
      const now = watchedValue(await readService(live, ecs, signal), watched);
      if (now === seen) return { state: 'done', detail: now };
      const message = `Service ${live.cluster}/${live.name} was changed meanwhile: ${seen} before, ${now} now`;
      return { state: 'failed', error: sourceFailure('CONFLICT', message) };
    },
  };
}

function watchedValue(live: LiveService, watched: Watched): string {
  if (watched === 'desiredCount') return `desired count ${live.desiredCount}`;
  return `task definition ${definitionName(live.taskDefinition)}, deployment ${primaryOf(live)?.id ?? 'n/a'}`;
}
