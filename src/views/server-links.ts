import { isSameRef, type Ref } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import type { Workload } from '../domain/workload.ts';
import { hasJvm } from './jvm-reading.ts';
import type { RowLink, Tone, ViewContext } from './view.ts';
import { HEALTH_SIGNS, HEALTH_TONES, say } from './words.ts';

/** The workload that keeps this server running, by kind, name and place within its context. */
export function workloadOf(server: Server, context: ViewContext): Workload | undefined {
  for (const workload of context.related.all('workload')) {
    if (isWorkloadOf(workload, server)) return workload;
  }
  return undefined;
}

export const isWorkloadOf = (workload: Workload, server: Server): boolean =>
  server.workload !== undefined &&
  workload.ref.context === server.ref.context &&
  workload.kind === server.workload.kind &&
  workload.name === server.workload.name &&
  workload.place.kind === server.place?.kind &&
  workload.place.name === server.place.name;

/** True when a server belongs to a context, workload, service cluster or is the one meant. */
export function isServerIn(server: Server, scope: Ref, context: ViewContext): boolean {
  if (scope.kind === 'server') return isSameRef(server.ref, scope);
  if (scope.kind === 'context')
    return server.ref.context === scope.id || server.manager?.context === scope.id;
  if (scope.kind === 'serviceCluster') {
    const cluster = context.related.get({ kind: 'serviceCluster', context: scope.context, id: scope.id });
    return (
      server.serviceCluster === (cluster?.name ?? scope.id) &&
      (cluster === undefined ||
        cluster.contexts.length === 0 ||
        cluster.contexts.includes(server.ref.context))
    );
  }
  if (scope.kind === 'workload') {
    const workload = context.related.get({ kind: 'workload', context: scope.context, id: scope.id });
    return workload !== undefined && isWorkloadOf(workload, server);
  }
  return false;
}

/** Where a server's row leads, for every view whose rows are servers. */
export const serverLinks: readonly RowLink<Server>[] = [
  {
    id: 'why',
    key: 'w',
    title: text('why: reasons, restarts, rollout, changes, dumps', '이유: 재시작, 롤아웃, 변경, 덤프'),
    target: (server) => ({ detail: server.ref, part: 'why' }),
  },
  {
    id: 'jvm',
    key: 'm',
    title: text('JVM page; of several marked, to compare them', 'JVM 페이지, 여럿을 표시하면 비교'),
    isTogether: true,
    target: (server) =>
      hasJvm(server)
        ? { detail: server.ref, part: 'jvm' }
        : { disabledReason: text(`${server.name} runs no JVM`, `${server.name}: JVM이 아님`) },
  },
  {
    id: 'events',
    key: 'e',
    title: text('its events', '이벤트'),
    target: (server) => ({ view: 'events', scope: server.ref }),
  },
  {
    id: 'owner',
    key: 'o',
    title: text('its owner', '소유자'),
    target: (server, context) => {
      const workload = workloadOf(server, context);
      return workload === undefined
        ? { disabledReason: text(`${server.name} has no known owner`, `${server.name}: 알려진 소유자 없음`) }
        : { detail: workload.ref };
    },
  },
];

/** The first reason of its health, and what to do about it. */
export function serverNote(
  { health }: Server,
  context: ViewContext,
): { readonly text: string; readonly tone: Tone } | undefined {
  const [reason] = health.reasons;
  if (reason === undefined) return undefined;
  const words = `${HEALTH_SIGNS[reason.level]} ${say(context, reason.text)} → ${say(context, reason.next)}`;
  return { text: words, tone: HEALTH_TONES[reason.level] };
}
