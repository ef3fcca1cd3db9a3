import { text } from '../domain/text.ts';
import { defineAction } from './action.ts';
import { backEndOfManaged, whyNoManager } from './back-end.ts';
import { stopManager } from './manager/start-stop.ts';

/** A server of a machine, stopped through the Manager that has it registered; nothing starts it again by itself. */
export const stop = defineAction<'server'>({
  id: 'stop',
  command: 'stop',
  kind: 'server',
  effect: 'destroy',
  // Shared with `delete`, which acts on what an orchestrator keeps.
  key: 'X',
  title: text('stop', '중지'),
  help: text(
    'Stops this server of a machine through its Manager and waits until it is Stopped.',
    '이 머신 서버를 Manager를 통해 중지하고 Stopped가 될 때까지 기다립니다.',
  ),
  takesMany: true,
  inputs: [],
  backEndOf: backEndOfManaged,
  whyNoBackEnd: (server) =>
    whyNoManager(server, {
      kube: text(
        'a pod cannot be stopped: delete it, or scale its workload',
        '파드는 중지할 수 없음: 삭제하거나 워크로드를 스케일할 것',
      ),
      ecs: text(
        'a task is stopped by delete; to keep it so, scale its service',
        '태스크는 삭제로 중지됨: 유지하려면 서비스를 스케일할 것',
      ),
    }),
  ways: { manager: stopManager },
});
