import { text } from '../domain/text.ts';
import { defineAction } from './action.ts';
import { backEndOfWorkload } from './back-end.ts';
import { rollingRestartEcs } from './ecs/rolling-restart.ts';
import { rollingRestartKube } from './kube/rolling-restart.ts';

/** Every server of a workload anew, as its update strategy goes about it. */
export const rollingRestart = defineAction<'workload'>({
  id: 'rolling-restart',
  command: 'restart',
  kind: 'workload',
  effect: 'change',
  key: 'R',
  title: text('rolling restart', '순차 재시작'),
  help: text(
    'Restarts every server of the workload as its update strategy says and waits for the rollout.',
    '업데이트 전략에 따라 워크로드의 모든 서버를 재시작하고 롤아웃이 끝날 때까지 기다립니다.',
  ),
  takesMany: true,
  inputs: [],
  backEndOf: backEndOfWorkload,
  ways: { kube: rollingRestartKube, ecs: rollingRestartEcs },
});
