import type { BackEnd } from '../domain/remote.ts';
import { text } from '../domain/text.ts';
import type { Workload } from '../domain/workload.ts';
import { defineAction, type InputOption } from './action.ts';
import { backEndOfWorkload } from './back-end.ts';
import { ecsRevisions } from './ecs/revisions.ts';
import { rollbackEcs } from './ecs/rollback.ts';
import { kubeRevisions, rollbackKube } from './kube/rollback.ts';
import type { ActionTools } from './tools.ts';

/** The revisions one can go back to, newest first; one reader for each back end. */
type ReadRevisions = (
  target: Workload,
  tools: ActionTools,
  signal: AbortSignal,
) => Promise<readonly InputOption[]>;
const REVISIONS: { readonly [B in BackEnd]?: ReadRevisions } = { kube: kubeRevisions, ecs: ecsRevisions };

/** A workload's pod template or task definition as it was at an earlier revision. */
export const rollback = defineAction<'workload'>({
  id: 'rollback',
  command: 'rollback',
  kind: 'workload',
  effect: 'change',
  key: 'B',
  title: text('roll back', '롤백'),
  help: text(
    'Takes the workload back to an earlier rollout revision (Kubernetes) or task definition revision (ECS), shows what differs and waits for the rollout.',
    '워크로드를 이전 롤아웃 리비전(Kubernetes) 또는 태스크 정의 리비전(ECS)으로 되돌립니다. 차이를 보여 주고 롤아웃이 끝날 때까지 기다립니다.',
  ),
  takesMany: false,
  inputs: [
    {
      id: 'revision',
      type: 'choice',
      title: text('Rollout or task definition revision', '롤아웃 또는 태스크 정의 리비전'),
      flag: { spelling: '--to <revision>', help: 'rollout or task definition revision to go back to' },
      isRequired: true,
      replaces: ['revision', 'taskDefinition'],
      isOpen: false,
      options: async (target, tools, signal) => {
        const backEnd = backEndOfWorkload(target);
        return backEnd === undefined ? [] : ((await REVISIONS[backEnd]?.(target, tools, signal)) ?? []);
      },
    },
  ],
  backEndOf: backEndOfWorkload,
  ways: { kube: rollbackKube, ecs: rollbackEcs },
});
