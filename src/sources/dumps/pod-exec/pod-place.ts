import { serverContainerOf } from '../../../diagnosis/server-type-rules.ts';
import type { DumpTarget } from '../../../domain/dump-way.ts';
import { SERVER_TYPES } from '../../../domain/server-type.ts';
import { type Text, text } from '../../../domain/text.ts';

/** The container of a pod that is the server. */
export interface PodPlace {
  readonly context: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}
/** Why there is none to run a command in. */
export interface NoPlace {
  readonly why: Text;
  readonly next?: Text | undefined;
}

export function podPlaceOf({ server, instance }: DumpTarget): PodPlace | NoPlace {
  const { type } = server;
  if (type !== 'unknown' && !SERVER_TYPES[type].isJvm)
    return { why: text(`a server of type ${type} runs no JVM`, `${type} 서버는 JVM이 아님`) };
  if (instance === undefined || instance.contextKind !== 'kube')
    return { why: text('it runs in no pod known here', '여기서 아는 파드에서 실행되지 않음') };
  const container = serverContainerOf(instance);
  if (container === undefined) return { why: text('its pod has no container', '파드에 컨테이너가 없음') };
  if (container.state === 'waiting' || container.state === 'terminated') {
    const reason = container.reason === undefined ? '' : ` (${container.reason})`;
    return {
      why: text(
        `container ${container.name} is ${container.state}${reason}`,
        `${container.name} 컨테이너 상태: ${container.state}${reason}`,
      ),
      next: text('wait until it runs', '실행될 때까지 대기'),
    };
  }
  const { context } = instance.ref;
  return { context, namespace: instance.place.name, pod: instance.name, container: container.name };
}
export const isPlace = (place: PodPlace | NoPlace): place is PodPlace => 'pod' in place;
export const placeName = ({ namespace, pod, container }: PodPlace): string =>
  `${namespace}/${pod} (${container})`;
