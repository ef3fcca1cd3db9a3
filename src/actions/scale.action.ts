import { text } from '../domain/text.ts';
import { defineAction } from './action.ts';
import { backEndOfWorkload } from './back-end.ts';
import { scaleEcs } from './ecs/scale.ts';
import { scaleKube } from './kube/scale.ts';

/** How many servers a workload keeps running. */
export const scale = defineAction<'workload'>({
  id: 'scale',
  command: 'scale',
  kind: 'workload',
  effect: 'change',
  key: 's',
  title: text('scale', '스케일'),
  help: text(
    'Sets how many servers the workload keeps running and waits until they are.',
    '워크로드가 유지할 서버 수를 정하고 그 수가 될 때까지 기다립니다.',
  ),
  takesMany: true,
  inputs: [
    {
      id: 'replicas',
      type: 'count',
      least: 0,
      most: 1_000,
      title: text('Servers', '서버 수'),
      flag: { spelling: '--replicas <n>', help: 'how many servers to keep running' },
      isRequired: true,
      replaces: ['replicas', 'desiredCount'],
      initial: ({ desired }) => String(desired),
    },
  ],
  backEndOf: backEndOfWorkload,
  ways: { kube: scaleKube, ecs: scaleEcs },
});
