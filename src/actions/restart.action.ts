import { text } from '../domain/text.ts';
import { defineAction } from './action.ts';
import { backEndOfServer, whyNobody } from './back-end.ts';
import { restartEcs } from './ecs/stop-task.ts';
import { restartKube } from './kube/evict-pod.ts';
import { restartManager } from './manager/start-stop.ts';

/** One server anew: its pod is evicted, its task stopped, its process stopped and started. */
export const restart = defineAction<'server'>({
  id: 'restart',
  command: 'restart',
  kind: 'server',
  effect: 'change',
  key: 'R',
  title: text('restart', '재시작'),
  help: text(
    'Restarts this one server and waits until its replacement is ready.',
    '이 서버 하나를 재시작하고 대체 서버가 준비될 때까지 기다립니다.',
  ),
  takesMany: true,
  inputs: [],
  backEndOf: backEndOfServer,
  whyNoBackEnd: whyNobody,
  ways: { kube: restartKube, ecs: restartEcs, manager: restartManager },
});
