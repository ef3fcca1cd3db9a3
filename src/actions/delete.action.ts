import type { BackEnd } from '../domain/remote.ts';
import type { Server } from '../domain/server.ts';
import { text } from '../domain/text.ts';
import { defineAction, type InputOption } from './action.ts';
import { backEndOfServer, whyNobody } from './back-end.ts';
import { deleteEcs } from './ecs/stop-task.ts';
import { deleteKube, podDeleteOptions } from './kube/delete-pod.ts';

const IN_GRACE: InputOption = {
  value: 'grace',
  label: 'grace',
  detail: text('its own grace period', '자체 유예 시간'),
};
/** How it may be ended; one list for each back end that has a choice. */
const HOW: { readonly [B in BackEnd]?: (target: Server) => readonly InputOption[] } = {
  kube: podDeleteOptions,
};

/** Ends a server for good: its pod is deleted, its task stopped. What its workload does then is its own affair. */
export const deleteServer = defineAction<'server'>({
  id: 'delete',
  command: 'delete',
  kind: 'server',
  effect: 'destroy',
  key: 'X',
  title: text('delete', '삭제'),
  help: text(
    'Deletes the pod or stops the task of this server; its workload may make a new one.',
    '이 서버의 파드를 삭제하거나 태스크를 중지합니다. 워크로드가 새로 만들 수 있습니다.',
  ),
  takesMany: true,
  inputs: [
    {
      id: 'how',
      type: 'choice',
      title: text('How', '방법'),
      flag: {
        spelling: '--how <way>',
        help: 'grace, now or force (may run twice; never for session servers); its own grace period unless given',
      },
      isRequired: false,
      initial: () => IN_GRACE.value,
      isOpen: false,
      options: async (target) => {
        const backEnd = backEndOfServer(target);
        return (backEnd === undefined ? undefined : HOW[backEnd]?.(target)) ?? [IN_GRACE];
      },
    },
  ],
  backEndOf: backEndOfServer,
  whyNoBackEnd: whyNobody,
  ways: { kube: deleteKube, ecs: deleteEcs },
});
