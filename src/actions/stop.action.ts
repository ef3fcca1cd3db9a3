import { text } from '../domain/text.ts';
import { defineAction } from './action.ts';
import { backEndOfManaged } from './back-end.ts';
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
  ways: { manager: stopManager },
});
