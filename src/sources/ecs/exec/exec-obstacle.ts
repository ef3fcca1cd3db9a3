import { type Json, lineOf, listOf, recordOf } from '../../../core/json-read.ts';
import type { ExecObstacle } from '../../../domain/remote.ts';
import { text } from '../../../domain/text.ts';

const ENABLE = text(
  'Update its service with enableExecuteCommand and a new deployment: only tasks started after that have it.',
  '서비스에 enableExecuteCommand를 설정하고 새로 배포하십시오. 이후 시작된 태스크에만 적용됩니다.',
);
const CONNECT = text(
  'Give its task role ssmmessages:CreateControlChannel, CreateDataChannel, OpenControlChannel and OpenDataChannel, and its subnet a way to ssmmessages.',
  '태스크 역할에 ssmmessages:CreateControlChannel, CreateDataChannel, OpenControlChannel, OpenDataChannel 권한을, 서브넷에 ssmmessages 경로를 부여하십시오.',
);
const WAIT = text(
  'Wait some seconds: it starts after its container.',
  '컨테이너 이후 시작되므로 잠시 기다리십시오.',
);

/**
 * What keeps commands from running in a container, by its task as DescribeTasks gives it; `undefined` where nothing
 * is known to. What ECS does not tell is no obstacle.
 */
export function execObstacle(answer: Json, place: { readonly task: string; readonly container: string }) {
  const task = recordOf(listOf(answer['tasks'])[0]);
  if (listOf(answer['tasks']).length === 0) {
    return obstacle(
      text(`task ${place.task} is not there any more`, `태스크 ${place.task}이(가) 더 이상 없음`),
    );
  }
  const status = lineOf(task['lastStatus'], 40);
  if (status !== undefined && status !== 'RUNNING') {
    return obstacle(text(`the task is ${status}, not RUNNING`, `태스크가 RUNNING이 아닌 ${status} 상태`));
  }
  if (task['enableExecuteCommand'] === false) {
    return obstacle(
      text('the task was started without enableExecuteCommand', 'enableExecuteCommand 없이 시작된 태스크'),
      ENABLE,
    );
  }
  const containers = listOf(task['containers']).map(recordOf);
  const container = containers.find(({ name }) => name === place.container);
  if (container === undefined) {
    const names = containers.flatMap(({ name }) => lineOf(name, 80) ?? []).join(', ');
    return obstacle(
      text(
        `the task has no container ${place.container} (${names})`,
        `컨테이너 ${place.container} 없음 (${names})`,
      ),
    );
  }
  return agentObstacle(container);
}

function agentObstacle(container: Json): ExecObstacle | undefined {
  const agents = listOf(container['managedAgents']).map(recordOf);
  const agent = agents.find(({ name }) => name === 'ExecuteCommandAgent');
  if (agent === undefined) return undefined;
  const status = lineOf(agent['lastStatus'], 40);
  if (status === undefined || status === 'RUNNING') return undefined;
  const reason = lineOf(agent['reason'], 200);
  const more = reason === undefined ? '' : ` (${reason})`;
  return obstacle(
    text(
      `the container’s ExecuteCommandAgent is ${status}${more}`,
      `컨테이너의 ExecuteCommandAgent가 ${status} 상태${more}`,
    ),
    status === 'PENDING' ? WAIT : CONNECT,
  );
}

const obstacle = (why: ExecObstacle['why'], next?: ExecObstacle['next']): ExecObstacle =>
  next === undefined ? { why } : { why, next };

/** What usually lacks where the agent is said to run and cannot be reached. */
export const UNCONNECTED_HINT = CONNECT.en;
export const NOT_ENABLED_HINT = ENABLE.en;
