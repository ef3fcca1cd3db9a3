import { serverContainerOf } from '../../../diagnosis/server-type-rules.ts';
import type { DumpTarget } from '../../../domain/dump-way.ts';
import type { EcsContainer } from '../../../domain/remote.ts';
import { SERVER_TYPES } from '../../../domain/server-type.ts';
import { type Text, text } from '../../../domain/text.ts';

/** The container of a task that is the server. */
export interface EcsPlace extends EcsContainer {
  readonly context: string;
}

/** Or why there is none to run a command in. */
export function ecsPlaceOf({ server, instance }: DumpTarget): EcsPlace | Text {
  const { type } = server;
  if (type !== 'unknown' && !SERVER_TYPES[type].isJvm)
    return text(`a server of type ${type} runs no JVM`, `${type} 서버는 JVM이 아님`);
  if (instance?.contextKind !== 'ecs')
    return text('it runs in no ECS task known here', '여기서 아는 ECS 태스크에서 실행되지 않음');
  const container = serverContainerOf(instance);
  if (container === undefined) return text('its task has no container', '태스크에 컨테이너가 없음');
  const { name, state } = container;
  if (state === 'waiting' || state === 'terminated')
    return text(`its container ${name} is ${state}`, `${name} 컨테이너가 ${state} 상태`);
  const cluster = instance.place.name;
  const { context, id } = instance.ref;
  return { context, cluster, task: id.slice(cluster.length + 1), container: name };
}
export const isEcsPlace = (place: EcsPlace | Text): place is EcsPlace => 'task' in place;

/** As `aws ecs` prints a task in short, e.g. `prod/1f2e3d4c (was)`. */
export const ecsPlaceName = ({ cluster, task, container }: EcsContainer): string =>
  `${cluster}/${task.slice(0, 8)} (${container})`;
