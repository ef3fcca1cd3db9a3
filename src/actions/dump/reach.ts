import type { Server } from '../../domain/server.ts';
import { SERVER_TYPES } from '../../domain/server-type.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Reach } from '../action.ts';
import type { Lookup } from '../tools.ts';

/** Through whom a dump is taken: the orchestrator, and where there is none what the server itself opened to us. */
export const reachOfDump = ({ contextKind }: Server): Reach =>
  contextKind === 'kube' || contextKind === 'ecs' ? contextKind : 'channel';

/** As plans name what is acted on. */
export const DUMPED_KINDS: Record<Reach, string> = {
  kube: 'Pod',
  ecs: 'Task',
  manager: 'Server',
  channel: 'Server',
};

/** Why there is no JVM to ask, as far as the row tells. One that starts, stops or hangs is asked all the same. */
export function whyNoDump({ type, state, containers }: Server): Text | undefined {
  if (type !== 'unknown' && !SERVER_TYPES[type].isJvm) {
    return text(`a ${type} server runs no JVM`, `${type} 서버에는 JVM이 없음`);
  }
  if (state === 'stopped') return text('it is stopped', '중지되어 있음');
  const isDown = ({ state: of }: Server['containers'][number]) => of === 'waiting' || of === 'terminated';
  return containers.length > 0 && containers.every(isDown)
    ? text('none of its containers runs', '실행 중인 컨테이너가 없음')
    : undefined;
}

/** The same for files of its own: only LENA writes them. */
export function whyNoFiles(server: Server): Text | undefined {
  const { type } = server;
  return type !== 'unknown' && !SERVER_TYPES[type].isLena
    ? text('only LENA servers write dump files of their own', 'LENA 서버만 덤프 파일을 기록함')
    : whyNoDump(server);
}

/** The same for a heap, of who is reached by nothing but its agent: heaps are asked for only where it was started so. */
export function whyNoHeap(server: Server, lookup: Lookup): Text | undefined {
  const why = whyNoDump(server);
  if (why !== undefined) return why;
  const own = [...lookup.all('peer')].filter(
    ({ protocol, serverIds }) => protocol === 'l9s' && serverIds.includes(server.name),
  );
  return own.length > 0 && own.every(({ can }) => !can.includes('heap'))
    ? text('its agent was started without --allow-heap-dumps', '에이전트가 --allow-heap-dumps 없이 시작됨')
    : undefined;
}
