import { text } from '../domain/text.ts';
import { defineAction } from './action.ts';
import { backEndOfManaged, whyNoManager } from './back-end.ts';
import { startManager } from './manager/start-stop.ts';

/** A server of a machine, started through the Manager that has it registered. */
export const start = defineAction<'server'>({
  id: 'start',
  command: 'start',
  kind: 'server',
  effect: 'change',
  key: 'a',
  title: text('start', '시작'),
  help: text(
    'Starts this server of a machine through its Manager and waits until it is Started.',
    '이 머신 서버를 Manager를 통해 시작하고 Started가 될 때까지 기다립니다.',
  ),
  takesMany: true,
  inputs: [],
  backEndOf: backEndOfManaged,
  whyNoBackEnd: (server) =>
    whyNoManager(server, {
      kube: text(
        'a pod is started by its workload: scale that',
        '파드는 워크로드가 시작함: 워크로드를 스케일할 것',
      ),
      ecs: text(
        'a task is started by its service: scale that',
        '태스크는 서비스가 시작함: 서비스를 스케일할 것',
      ),
    }),
  ways: { manager: startManager },
});
