import { lineOf, listOf, recordOf, stringOf } from '../../core/json-read.ts';
import type { ReadingOf } from '../tools.ts';
import type { LiveService } from './live-service.ts';

/** A task as ECS describes it. */
export interface LiveTask {
  readonly arn: string;
  /** Last part of its ARN. */
  readonly id: string;
  /** `service:NAME`, `family:NAME`. */
  readonly group: string | undefined;
  /** Id of the deployment it came from. */
  readonly startedBy: string | undefined;
  /** ARN. */
  readonly taskDefinition: string | undefined;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  /** HEALTHY, UNHEALTHY or UNKNOWN, which is also said where there is no check. */
  readonly health: string | undefined;
  readonly stoppedReason: string | undefined;
  /** Commands can be run in it; absent where ECS does not say. */
  readonly hasExec: boolean | undefined;
}

const TASKS_A_CALL = 100;
const MAX_PAGES = 50;

/** Tasks by ARN; one that ECS has forgotten is left out. Rejects as the remote does. */
export async function describeTasks(
  ecs: ReadingOf<'ecs'>,
  cluster: string,
  arns: readonly string[],
  signal: AbortSignal,
): Promise<readonly LiveTask[]> {
  const tasks: LiveTask[] = [];
  for (let start = 0; start < arns.length; start += TASKS_A_CALL) {
    const batch = arns.slice(start, start + TASKS_A_CALL);
    const answer = await ecs.read('DescribeTasks', { cluster, tasks: batch }, signal);
    tasks.push(...listOf(answer['tasks']).flatMap((task) => readTask(task) ?? []));
  }
  return tasks;
}

/** Tasks of a service that are wanted to run. Rejects as the remote does. */
export async function tasksOfService(
  ecs: ReadingOf<'ecs'>,
  { cluster, name }: Pick<LiveService, 'cluster' | 'name'>,
  signal: AbortSignal,
): Promise<readonly LiveTask[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await ecs.read(
      'ListTasks',
      {
        cluster,
        serviceName: name,
        desiredStatus: 'RUNNING',
        ...(nextToken === undefined ? {} : { nextToken }),
      },
      signal,
    );
    arns.push(...listOf(answer['taskArns']).flatMap((arn) => stringOf(arn) ?? []));
    const next = stringOf(answer['nextToken']);
    if (next === undefined || next === nextToken) break;
    nextToken = next;
  }
  return describeTasks(ecs, cluster, arns, signal);
}

function readTask(value: unknown): LiveTask | undefined {
  const task = recordOf(value);
  const arn = stringOf(task['taskArn']);
  if (arn === undefined) return undefined;
  return {
    arn,
    id: arn.slice(arn.lastIndexOf('/') + 1),
    group: stringOf(task['group']),
    startedBy: stringOf(task['startedBy']),
    taskDefinition: stringOf(task['taskDefinitionArn']),
    lastStatus: lineOf(task['lastStatus'], 40) ?? 'UNKNOWN',
    desiredStatus: lineOf(task['desiredStatus'], 40) ?? 'UNKNOWN',
    health: lineOf(task['healthStatus'], 40),
    stoppedReason: lineOf(task['stoppedReason'], 300),
    hasExec: flagOf(task['enableExecuteCommand']),
  };
}

const flagOf = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

/** Running, and healthy where its definition has a health check. */
export function isReady(task: LiveTask, isChecked: boolean): boolean {
  if (task.lastStatus !== 'RUNNING' || task.desiredStatus !== 'RUNNING') return false;
  return task.health === 'HEALTHY' || (!isChecked && task.health !== 'UNHEALTHY');
}

export const shortId = ({ id }: Pick<LiveTask, 'id'>): string => id.slice(0, 8);
