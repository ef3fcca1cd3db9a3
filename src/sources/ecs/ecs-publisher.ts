import type { Clock } from '../../core/clock.ts';
import type { OpsEvent } from '../../domain/event.ts';
import type { Instance } from '../../domain/instance.ts';
import type { Change, Sink } from '../../domain/ports.ts';
import type { Workload } from '../../domain/workload.ts';
import { nameOfArn } from './arn.ts';
import type { ClusterSnapshot } from './cluster-reader.ts';
import type { EcsTask } from './ecs-records.ts';
import { isDeploying, primaryDeployment, serviceEvent, serviceWorkload } from './service-workload.ts';
import type { TaskDefinitions } from './task-definitions.ts';
import { taskEvent } from './task-event.ts';
import { taskInstance, taskState } from './task-instance.ts';

const FIRST_EVENTS_A_SERVICE = 20;
const MAX_EVENTS_REMEMBERED = 20_000;

/** Puts snapshots of clusters into the sink and tells whether anything moved. */
export function createEcsPublisher(context: string, clock: Clock) {
  const readySince = new Map<string, number>();
  const saidEvents = new Set<string>();
  let isFirst = true;
  let lastShape = '';

  const readyAt = (task: EcsTask, isReady: boolean, isChecked: boolean): number | undefined => {
    if (!isReady) {
      readySince.delete(task.taskArn);
      return undefined;
    }
    // ECS does not say since when; what was ready at the first look or has no check was so from its start.
    const since =
      readySince.get(task.taskArn) ?? (isFirst || !isChecked ? task.startedAt : undefined) ?? clock.now();
    readySince.set(task.taskArn, since);
    return since;
  };

  const newEvents = (cluster: string, snapshot: ClusterSnapshot): OpsEvent[] => {
    const found: OpsEvent[] = [];
    const seenAt = clock.now();
    for (const service of snapshot.services) {
      const fresh = service.events.filter(({ id }) => !saidEvents.has(id));
      for (const { id } of fresh) saidEvents.add(id);
      // The newest come first; a service may bring a hundred old ones along.
      for (const event of fresh.slice(0, FIRST_EVENTS_A_SERVICE)) {
        found.push(serviceEvent(service, event, { context, cluster, seenAt }));
      }
    }
    for (const task of snapshot.tasks) {
      const event = taskEvent(task, { context, cluster, seenAt });
      if (event === undefined || saidEvents.has(event.ref.id)) continue;
      saidEvents.add(event.ref.id);
      found.push(event);
    }
    for (const id of saidEvents) {
      if (saidEvents.size <= MAX_EVENTS_REMEMBERED) break;
      saidEvents.delete(id);
    }
    return found;
  };

  return {
    publish(
      snapshots: ReadonlyMap<string, ClusterSnapshot>,
      definitions: TaskDefinitions,
      sink: Sink,
    ): { readonly hasMoved: boolean; readonly isBusy: boolean } {
      const now = clock.now();
      const instances: Instance[] = [];
      const workloads: Workload[] = [];
      const events: Change[] = [];
      const alive = new Set<string>();
      let isBusy = false;
      for (const [cluster, snapshot] of snapshots) {
        const readyByService = new Map<string, number>();
        for (const task of snapshot.tasks) {
          const definition = definitions.get(task.taskDefinitionArn);
          const state = taskState(task, definition);
          const isChecked =
            definition?.containerDefinitions.some((one) => one.healthCheck !== undefined) ?? false;
          const since = readyAt(task, state === 'ready', isChecked);
          const instance = taskInstance(task, {
            context,
            cluster,
            definition,
            readySince: since,
            seenAt: snapshot.tasksReadAt ?? now,
          });
          alive.add(task.taskArn);
          instances.push(instance);
          isBusy ||= state === 'starting' || state === 'stopping';
          const service = instance.workload?.name;
          if (service !== undefined && state === 'ready') {
            readyByService.set(service, (readyByService.get(service) ?? 0) + 1);
          }
        }
        for (const service of snapshot.services) {
          isBusy ||= isDeploying(service);
          workloads.push(
            serviceWorkload(service, {
              context,
              cluster,
              definition: definitions.get(
                primaryDeployment(service)?.taskDefinition ?? service.taskDefinition,
              ),
              ready:
                snapshot.tasksReadAt !== undefined
                  ? (readyByService.get(service.serviceName) ?? 0)
                  : undefined,
              seenAt: snapshot.servicesReadAt ?? now,
            }),
          );
        }
        for (const entity of newEvents(cluster, snapshot))
          events.push({ type: 'put', kind: 'event', entity });
      }
      for (const arn of readySince.keys()) if (!alive.has(arn)) readySince.delete(arn);
      sink.changes([
        { type: 'replace', kind: 'instance', context, entities: instances },
        { type: 'replace', kind: 'workload', context, entities: workloads },
        ...events,
      ]);
      isFirst = false;
      const shape = shapeOf(instances, workloads);
      const hasMoved = shape !== lastShape;
      lastShape = shape;
      return { hasMoved, isBusy };
    },
  };
}

/** Changes whenever a task or a service did, but not with the time. */
const shapeOf = (instances: readonly Instance[], workloads: readonly Workload[]): string =>
  [
    ...instances.map(({ uid, state }) => `${nameOfArn(uid)} ${state}`),
    ...workloads.map(
      ({ ref, desired, rollout }) => `${ref.id} ${desired} ${rollout.revision} ${rollout.state}`,
    ),
  ].join('\n');
