import { cleanLine } from '../../core/text.ts';
import type { ContainerFacts, Instance } from '../../domain/instance.ts';
import { refOf } from '../../domain/ref.ts';
import { maskWords } from '../../domain/secret-name.ts';
import type { ServerState } from '../../domain/server-type.ts';
import { nameOfArn } from './arn.ts';
import { environmentOf, labelsOf } from './ecs-environment.ts';
import type { EcsContainerDefinition, EcsTask, EcsTaskContainer, EcsTaskDefinition } from './ecs-records.ts';
import { mainContainer } from './main-container.ts';

const MEBIBYTE = 1_048_576;
const CPU_UNITS_PER_CORE = 1_024;
const DEFAULT_STOP_TIMEOUT_S = 30;
/** Exit codes of a container that ended well or did as SIGTERM said. */
const ORDERLY_EXITS = new Set([0, 143]);

export interface TaskFacts {
  readonly context: string;
  readonly cluster: string;
  readonly definition: EcsTaskDefinition | undefined;
  readonly readySince: number | undefined;
  readonly seenAt: number;
}

export function taskState(task: EcsTask, definition: EcsTaskDefinition | undefined): ServerState {
  switch (task.lastStatus) {
    case 'PROVISIONING':
    case 'PENDING':
    case 'ACTIVATING':
      return task.desiredStatus === 'STOPPED' ? 'stopping' : 'starting';
    case 'RUNNING':
      return task.desiredStatus === 'STOPPED' ? 'stopping' : runningState(task, definition);
    case 'DEACTIVATING':
    case 'STOPPING':
    case 'DEPROVISIONING':
      return 'stopping';
    case 'STOPPED':
    case 'DELETED':
      return isFailure(task) ? 'failed' : 'stopped';
    default:
      return 'unknown';
  }
}

function runningState(task: EcsTask, definition: EcsTaskDefinition | undefined): ServerState {
  if (task.healthStatus === 'HEALTHY') return 'ready';
  if (task.healthStatus === 'UNHEALTHY') return 'notReady';
  // UNKNOWN means "not yet checked" only where there is a check at all.
  const isChecked =
    definition?.containerDefinitions.some(({ healthCheck }) => healthCheck !== undefined) ?? false;
  return isChecked ? 'starting' : 'ready';
}

/** True where a stopped task did not end because somebody wanted it to. */
export function isFailure(task: EcsTask): boolean {
  switch (task.stopCode) {
    case 'TaskFailedToStart':
    case 'InfrastructureHealth':
    case 'SpotInterruption':
      return true;
    case 'EssentialContainerExited':
      return !task.containers.some(({ exitCode }) => exitCode !== undefined) || hasBadExit(task);
    default:
      return /\b(failed|unhealthy|error|OutOfMemory)/i.test(task.stoppedReason ?? '');
  }
}
const hasBadExit = (task: EcsTask): boolean =>
  task.containers.some(({ exitCode }) => exitCode !== undefined && !ORDERLY_EXITS.has(exitCode));

export function taskInstance(task: EcsTask, facts: TaskFacts): Instance {
  const { context, cluster, definition } = facts;
  const taskId = nameOfArn(task.taskArn);
  const main = mainContainer(definition);
  const override = task.overrides?.containerOverrides.find(({ name }) => name === main?.name);
  const state = taskState(task, definition);
  const isMain = (container: EcsTaskContainer) => container.name === main?.name;
  const containers = [...task.containers.filter(isMain), ...task.containers.filter((one) => !isMain(one))];
  return {
    ref: refOf('instance', context, `${cluster}/${taskId}`),
    contextKind: 'ecs',
    name: taskName(task, taskId),
    uid: task.taskArn,
    place: { kind: 'ecsCluster', name: cleanLine(cluster) },
    hostNames: hostNamesOf(task),
    addresses: addressesOf(task),
    ports: portsOf(definition, main),
    containers: containers.map((container) => containerFacts(container, task, definition)),
    command: (override?.command.length
      ? override.command
      : [...(main?.entryPoint ?? []), ...(main?.command ?? [])]
    ).map((word) => maskWords(cleanLine(word))),
    environment: environmentOf(main, override?.environment),
    labels: labelsOf(task.tags),
    workload: task.group?.startsWith('service:')
      ? { kind: 'EcsService', name: cleanLine(task.group.slice('service:'.length)) }
      : undefined,
    state,
    stateReason: stateReason(task),
    readySince: state === 'ready' ? facts.readySince : undefined,
    createdAt: task.createdAt,
    startedAt: task.startedAt,
    deletingSince: state === 'stopping' ? task.stoppingAt : undefined,
    gracePeriodMs: (main?.stopTimeout ?? DEFAULT_STOP_TIMEOUT_S) * 1_000,
    node: task.containerInstanceArn === undefined ? undefined : nameOfArn(task.containerInstanceArn),
    seenAt: facts.seenAt,
  };
}

/** The main container's ports first. */
function portsOf(
  definition: EcsTaskDefinition | undefined,
  main: EcsContainerDefinition | undefined,
): number[] {
  const others = definition?.containerDefinitions.filter((container) => container !== main) ?? [];
  const ports = [main, ...others].flatMap((container) => container?.portMappings ?? []);
  return [...new Set(ports.map(({ containerPort }) => containerPort))];
}

function stateReason(task: EcsTask): string | undefined {
  if (task.stoppedReason !== undefined && task.stoppedReason !== '') return cleanLine(task.stoppedReason);
  if (task.healthStatus === 'UNHEALTHY') return 'container health check UNHEALTHY';
  return task.lastStatus === 'RUNNING' || task.lastStatus === undefined
    ? undefined
    : cleanLine(task.lastStatus);
}

/** A task has no name of its own: its service (or family) and the start of its id, so that tasks sort by service. */
export function taskName(task: EcsTask, taskId: string): string {
  const group = task.group?.replace(/^(service|family):/, '');
  const shortId = taskId.slice(0, 8);
  return cleanLine(group === undefined || group === '' ? taskId : `${group}-${shortId}`);
}

/** Private DNS names, whole and first label; for a container without its own interface, Docker's short id. */
function hostNamesOf(task: EcsTask): string[] {
  const names = new Set<string>();
  for (const attachment of task.attachments) {
    for (const { name, value } of attachment.details) {
      if (name !== 'privateDnsName' || value === '') continue;
      names.add(cleanLine(value));
      names.add(cleanLine(value.split('.', 1)[0] ?? value));
    }
  }
  for (const { runtimeId } of task.containers) {
    if (runtimeId !== undefined && /^[0-9a-f]{64}$/.test(runtimeId)) names.add(runtimeId.slice(0, 12));
  }
  return [...names];
}

function addressesOf(task: EcsTask): string[] {
  const fromAttachments = task.attachments.flatMap(({ details }) =>
    details.flatMap(({ name, value }) =>
      name === 'privateIPv4Address' || name === 'privateIPv6Address' ? [value] : [],
    ),
  );
  const fromContainers = task.containers.flatMap(({ networkInterfaces }) =>
    networkInterfaces.flatMap(({ privateIpv4Address, ipv6Address }) => [privateIpv4Address, ipv6Address]),
  );
  const all = [...fromAttachments, ...fromContainers].flatMap((address) => address || []);
  return [...new Set(all.map((address) => cleanLine(address)))];
}

function containerFacts(
  container: EcsTaskContainer,
  task: EcsTask,
  definition: EcsTaskDefinition | undefined,
): ContainerFacts {
  const declared = definition?.containerDefinitions.find(({ name }) => name === container.name);
  const memoryMib = declared?.memory ?? wholeOf(task.memory) ?? wholeOf(definition?.memory);
  const cpuUnits = declared?.cpu || (wholeOf(task.cpu) ?? wholeOf(definition?.cpu));
  return {
    name: cleanLine(container.name),
    image: cleanLine(container.image ?? declared?.image ?? ''),
    state: containerState(container),
    isReady: readinessOf(container, declared),
    reason: container.reason === undefined ? undefined : cleanLine(container.reason),
    exitCode: container.exitCode,
    memoryLimitBytes: memoryMib === undefined ? undefined : memoryMib * MEBIBYTE,
    cpuLimit: cpuUnits === undefined ? undefined : cpuUnits / CPU_UNITS_PER_CORE,
  };
}

function containerState({ lastStatus }: EcsTaskContainer): ContainerFacts['state'] {
  switch (lastStatus) {
    case 'PENDING':
    case 'PROVISIONING':
    case 'ACTIVATING':
      return 'waiting';
    case 'RUNNING':
    case 'DEACTIVATING':
    case 'STOPPING':
      return 'running';
    case 'STOPPED':
    case 'DEPROVISIONING':
      return 'terminated';
    default:
      return 'unknown';
  }
}

function readinessOf(
  container: EcsTaskContainer,
  declared: EcsContainerDefinition | undefined,
): boolean | undefined {
  if (container.healthStatus === 'HEALTHY') return true;
  if (container.healthStatus === 'UNHEALTHY') return false;
  return declared?.healthCheck === undefined ? container.lastStatus === 'RUNNING' : undefined;
}

function wholeOf(digits: string | undefined): number | undefined {
  const value = digits === undefined ? Number.NaN : Number.parseInt(digits, 10);
  return Number.isNaN(value) || value <= 0 ? undefined : value;
}
