import { cleanLine } from '../../core/text.ts';
import type { EventLevel, OpsEvent } from '../../domain/event.ts';
import { refOf } from '../../domain/ref.ts';
import type { Workload } from '../../domain/workload.ts';
import { nameOfArn } from './arn.ts';
import { environmentOf, labelsOf } from './ecs-environment.ts';
import type { EcsService, EcsTaskDefinition } from './ecs-records.ts';
import { mainContainer } from './main-container.ts';

export interface ServiceFacts {
  readonly context: string;
  readonly cluster: string;
  readonly definition: EcsTaskDefinition | undefined;
  /** Tasks of it that are ready; `undefined` where tasks cannot be read. */
  readonly ready: number | undefined;
  readonly seenAt: number;
}

/** The deployment that new tasks come from. */
export const primaryDeployment = (service: EcsService): EcsService['deployments'][number] | undefined =>
  service.deployments.find(({ status }) => status === 'PRIMARY') ?? service.deployments[0];

export const isDeploying = (service: EcsService): boolean => rolloutState(service) === 'progressing';

function rolloutState(service: EcsService): Workload['rollout']['state'] {
  const primary = primaryDeployment(service);
  if (primary?.rolloutState === 'FAILED') return 'failed';
  if (primary?.rolloutState === 'IN_PROGRESS' || service.status === 'DRAINING') return 'progressing';
  if (service.deployments.length > 1) return 'progressing';
  // A changed count makes no deployment, yet tasks come and go until it is reached.
  return service.runningCount === service.desiredCount ? 'stable' : 'progressing';
}

export function serviceWorkload(service: EcsService, facts: ServiceFacts): Workload {
  const primary = primaryDeployment(service);
  const main = mainContainer(facts.definition);
  const definitionArn = primary?.taskDefinition ?? service.taskDefinition;
  const message = service.status === 'DRAINING' ? 'DRAINING' : primary?.rolloutStateReason;
  return {
    ref: refOf('workload', facts.context, `${facts.cluster}/EcsService/${service.serviceName}`),
    contextKind: 'ecs',
    kind: 'EcsService',
    name: cleanLine(service.serviceName),
    place: { kind: 'ecsCluster', name: cleanLine(facts.cluster) },
    desired: service.desiredCount ?? 0,
    ready: facts.ready ?? service.runningCount ?? 0,
    updated: primary?.runningCount,
    available: service.runningCount,
    rollout: {
      state: rolloutState(service),
      revision: definitionArn === undefined ? undefined : cleanLine(nameOfArn(definitionArn)),
      message: message === undefined ? undefined : cleanLine(message),
      startedAt: primary?.createdAt,
    },
    image: main?.image === undefined ? undefined : cleanLine(main.image),
    environment: environmentOf(main),
    labels: labelsOf(service.tags),
    ownedBy: ownersOf(service),
    createdAt: service.createdAt,
    seenAt: facts.seenAt,
  };
}

function ownersOf(service: EcsService): string[] {
  const owners: string[] = [];
  if (service.deploymentController?.type === 'CODE_DEPLOY') owners.push('CodeDeploy');
  if (service.deploymentController?.type === 'EXTERNAL') owners.push('external deployment controller');
  const stack = service.tags.find(({ key }) => key === 'aws:cloudformation:stack-name');
  if (stack !== undefined) owners.push(`CloudFormation ${cleanLine(stack.value)}`);
  return owners;
}

/** ECS writes sentences only; their words tell the kind. */
const SENTENCES: readonly (readonly [RegExp, string, EventLevel])[] = [
  [/steady state/, 'service-steady', 'info'],
  [/deployment failed|rolling back|circuit breaker/i, 'deployment-failed', 'error'],
  [/deployment .*completed/, 'deployment-completed', 'info'],
  [/unable to (consistently )?start|failed to start/i, 'task-start-failed', 'error'],
  [/unable to place/i, 'placement-failed', 'error'],
  [/failed .*health check|unhealthy/i, 'unhealthy', 'warning'],
  [/has started \d+ tasks?/, 'tasks-started', 'info'],
  [/has (stopped|begun draining)/, 'tasks-stopped', 'info'],
  [/registered|deregistered/, 'targets', 'info'],
];

export function serviceEvent(
  service: EcsService,
  event: EcsService['events'][number],
  facts: Pick<ServiceFacts, 'context' | 'cluster' | 'seenAt'>,
): OpsEvent {
  const [, type, level] = SENTENCES.find(([pattern]) => pattern.test(event.message)) ?? [
    undefined,
    'service-event',
    /\b(failed|error|unable)\b/i.test(event.message) ? ('warning' as const) : ('info' as const),
  ];
  return {
    ref: refOf('event', facts.context, event.id),
    at: event.createdAt ?? facts.seenAt,
    level,
    type,
    message: cleanLine(event.message),
    target: refOf('workload', facts.context, `${facts.cluster}/EcsService/${service.serviceName}`),
    targetName: cleanLine(service.serviceName),
  };
}
