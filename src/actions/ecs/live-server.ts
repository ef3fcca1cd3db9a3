import { appError } from '../../domain/errors.ts';
import type { Facts } from '../../domain/plan.ts';
import type { Server } from '../../domain/server.ts';
import type { Way } from '../action.ts';
import type { ActionTools, ReadingOf } from '../tools.ts';
import { definitionName } from './live-service.ts';
import { describeTasks, type LiveTask } from './live-task.ts';

/** The task of a server as ECS describes it at the moment of planning. */
export interface LiveServer {
  readonly ecs: ReadingOf<'ecs'>;
  readonly context: string;
  readonly cluster: string;
  readonly task: LiveTask;
  /** Name of the service that replaces it. */
  readonly service: string | undefined;
}

/** Reads the task of a server. Rejects with NOT_FOUND or ACTION_IMPOSSIBLE where it is ending already. */
export async function readServer(
  server: Server,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<LiveServer> {
  const { context } = server.ref;
  const cluster = server.place?.name ?? '';
  const { instance } = server.records;
  const arn = instance === undefined ? undefined : tools.lookup.get(instance)?.uid;
  if (arn === undefined)
    throw appError('TARGET_UNKNOWN', `The task of ${server.name} is not in ${context} any more`);
  const ecs = await tools.remote('ecs', context);
  const [task] = await describeTasks(ecs, cluster, [arn], signal);
  if (task === undefined)
    throw appError('NOT_FOUND', `Task ${arn.slice(arn.lastIndexOf('/') + 1)} of ${cluster} is gone`);
  if (task.desiredStatus === 'STOPPED') {
    throw appError(
      'ACTION_IMPOSSIBLE',
      `Task ${task.id} of ${cluster} is ending already (${task.lastStatus}: ${task.stoppedReason ?? 'no reason given'})`,
    );
  }
  const service =
    task.group?.startsWith('service:') === true ? task.group.slice('service:'.length) : undefined;
  return { ecs, context, cluster, task, service };
}

export const taskFacts = ({ cluster, task, service }: LiveServer): Facts => ({
  cluster,
  task: task.id,
  status: task.lastStatus,
  ...(service === undefined ? {} : { service }),
  ...(task.health === undefined ? {} : { health: task.health }),
  ...(task.taskDefinition === undefined ? {} : { taskDefinition: definitionName(task.taskDefinition) }),
});

/** How the task stands when it is over. */
export const taskAfter: Way<'server'>['after'] = async ({ context, before }, tools, signal) => {
  const ecs = await tools.remote('ecs', context);
  const id = String(before['task'] ?? '');
  const [task] = await describeTasks(ecs, String(before['cluster'] ?? ''), [id], signal);
  if (task === undefined) return { task: id, status: 'gone' };
  return {
    task: id,
    status: task.lastStatus,
    ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
  };
};
