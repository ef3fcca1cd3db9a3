import { readConsoleStatus } from '../../diagnosis/session-console/console-status.ts';
import { appError } from '../../domain/errors.ts';
import type { Server } from '../../domain/server.ts';
import { describeTasks, type LiveTask, shortId, tasksOfService } from '../ecs/live-task.ts';
import type { ActionTools } from '../tools.ts';

const HOME = '/usr/local/lena/servers/sessionServer';
const HEALTH = [`${HOME}/health.sh`];
const STATUS = [`${HOME}/console.sh`, 'status'];
const EXEC_TIMEOUT_MS = 10_000;
/** A session of ECS takes some seconds to begin; a plan has half a minute. */
const ECS_TIMEOUT_MS = 15_000;
const MAX_BYTES = 65_536;

/** A session server's place in Kubernetes. */
export interface SessionPod {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}
/** Its place in ECS: the only task of a service, whichever it is then, or a task of nobody's. */
export interface SessionTask {
  readonly cluster: string;
  readonly container: string;
  readonly service?: string | undefined;
  /** Id, where there is no service. */
  readonly task?: string | undefined;
}
export type SessionMember = SessionPod | SessionTask;
export const isTask = (member: SessionMember): member is SessionTask => 'cluster' in member;

/** As plans name it. */
export const memberName = (member: SessionMember): string =>
  isTask(member) ? (member.service ?? shortId({ id: member.task ?? '' })) : member.pod;

/** Where a session server can be asked; `undefined` for one that no exec leads to. */
export function sessionMemberOf(server: Server): SessionMember | undefined {
  const { contextKind, place, name, containers, workload, records } = server;
  const container = containers[0]?.name;
  if (place === undefined || container === undefined) return undefined;
  if (contextKind === 'kube') return { namespace: place.name, pod: name, container };
  if (contextKind !== 'ecs') return undefined;
  const cluster = place.name;
  if (workload?.kind === 'EcsService') return { cluster, container, service: workload.name };
  const id = records.instance?.id;
  return id === undefined ? undefined : { cluster, container, task: id.slice(cluster.length + 1) };
}

/** How many sessions a healthy server holds, or why it is waited for. */
export type SessionAnswer = { readonly count: number } | { readonly waiting: string };

/** Asks one member. Rejects where exec is not allowed or leads nowhere. */
export async function askMember(
  context: string,
  member: SessionMember,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<SessionAnswer> {
  return isTask(member) ? askTask(context, member, tools, signal) : askPod(context, member, tools, signal);
}

async function askPod(
  context: string,
  member: SessionPod,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<SessionAnswer> {
  const kube = await tools.remote('kube', context);
  const limits = { timeoutMs: EXEC_TIMEOUT_MS, maxBytes: MAX_BYTES };
  const health = await kube.exec({ ...member, argv: HEALTH, ...limits }, signal);
  if (health.exitCode !== 0)
    return { waiting: `${member.pod}: health.sh ended with ${health.exitCode ?? 'no code'}` };
  const { exitCode, stdout } = await kube.exec({ ...member, argv: STATUS, ...limits }, signal);
  return answerOf(member, exitCode === 0 ? stdout : '');
}

/** ECS tells no exit code, so that `health.sh` is known by the task's own health check alone. */
async function askTask(
  context: string,
  member: SessionTask,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<SessionAnswer> {
  const ecs = await tools.remote('ecs', context);
  const { cluster, container, service, task: id } = member;
  const name = memberName(member);
  const tasks: readonly LiveTask[] =
    service === undefined
      ? await describeTasks(ecs, cluster, [id ?? ''], signal)
      : await tasksOfService(ecs, { cluster, name: service }, signal);
  const running = tasks.filter(
    ({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING',
  );
  const [task] = running;
  if (task === undefined || running.length > 1) return { waiting: `${name}: ${running.length} tasks run` };
  if (task.health === 'UNHEALTHY') return { waiting: `${name}: its task is UNHEALTHY` };
  if (task.hasExec === false)
    throw appError('ACTION_IMPOSSIBLE', `the task of ${name} was started without enableExecuteCommand`);
  const { output, hasEnded } = await ecs.exec(
    { cluster, task: task.id, container, argv: STATUS, timeoutMs: ECS_TIMEOUT_MS, maxBytes: MAX_BYTES },
    signal,
  );
  return answerOf(member, hasEnded ? output : '');
}

function answerOf(member: SessionMember, said: string): SessionAnswer {
  const count = readConsoleStatus(said)?.sessions;
  return count === undefined
    ? { waiting: `${memberName(member)}: console.sh tells no session_count` }
    : { count };
}
