import { type Ref, refOf } from '../domain/ref.ts';
import { type Text, text } from '../domain/text.ts';
import type { ViewContext } from './view.ts';

/** Why a scope has no servers: it wants none, it has not told yet, or there are none. */
export function noServers(scope: Ref | undefined, { related }: ViewContext): Text | undefined {
  switch (scope?.kind) {
    case 'workload': {
      const workload = related.get({ ...scope, kind: scope.kind });
      if (workload === undefined) return undefined;
      const { name, desired } = workload;
      return text(`${name} has no servers; ${desired} wanted`, `${name}: 서버 없음, 원하는 수 ${desired}`);
    }
    case 'serviceCluster': {
      const name = related.get({ ...scope, kind: scope.kind })?.name ?? scope.id;
      return text(`No server is known to belong to ${name}`, `${name}에 속한 서버가 알려져 있지 않음`);
    }
    case 'context':
      return nothingIn(scope.id, related);
    default:
      return undefined;
  }
}

function nothingIn(name: string, related: ViewContext['related']): Text {
  const state = related.get(refOf('context', name, name))?.status.state;
  return state === 'live'
    ? text(`${name} has no servers`, `${name}: 서버 없음`)
    : text(
        `Nothing known of ${name}: it is ${state ?? 'not configured'}`,
        `${name}: 알려진 것 없음 (${state ?? '설정 없음'})`,
      );
}

/** What the audit says where it holds nothing of a row, or nothing at all. */
export const nothingDone = (scope: Ref | undefined): Text =>
  scope === undefined
    ? text('Nothing was done from here yet', '여기서 수행한 동작 없음')
    : text('Nothing was done to it from here', '여기서 이 대상에 수행한 동작 없음');

/** Jobs are those of one program; what others of this machine are doing stands in the audit. */
export function noJobs(_scope: Ref | undefined, { related }: ViewContext): Text {
  let others = 0;
  for (const { result } of related.all('audit')) if (result === 'running') others++;
  return others === 0
    ? text('No jobs of this console; what was done before: :audit', '이 콘솔의 작업 없음, 이전 동작은 :audit')
    : text(
        `No jobs of this console; ${others} under way elsewhere: :audit result=running`,
        `이 콘솔의 작업 없음, 다른 곳에서 ${others}건 실행 중: :audit result=running`,
      );
}

/** Before the first server is known, nothing was looked for. */
export function noFindings({ related }: ViewContext): Text | undefined {
  const [first] = related.all('server');
  return first === undefined ? undefined : text('No findings', '발견 사항 없음');
}
