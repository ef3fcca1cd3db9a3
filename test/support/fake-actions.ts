import { type AnyAction, defineAction } from '../../src/actions/action.ts';
import type { Effect } from '../../src/domain/policy.ts';
import { type Text, text } from '../../src/domain/text.ts';

/** Verbs with the kinds, keys and inputs of the real ones, and no way to do anything. */
const verb = <K extends 'server' | 'workload'>(
  kind: K,
  { id, key, title, effect = 'change' }: { id: string; key: string; title: Text; effect?: Effect },
) => ({
  id,
  command: id,
  kind,
  effect,
  key,
  title,
  help: title,
  takesMany: true,
  inputs: [],
  backEndOf: () => 'kube' as const,
  ways: {},
});

const restart = defineAction<'server'>(
  verb('server', { id: 'restart', key: 'R', title: text('restart', '재시작') }),
);
const deletion = defineAction<'server'>({
  ...verb('server', { id: 'delete', key: 'X', title: text('delete', '삭제'), effect: 'destroy' }),
  inputs: [
    {
      id: 'how',
      type: 'choice',
      title: text('How', '방법'),
      flag: { spelling: '--how <way>', help: '' },
      isRequired: false,
      initial: () => 'grace',
      isOpen: false,
      options: () => Promise.resolve([]),
    },
  ],
});
const rollingRestart = defineAction<'workload'>(
  verb('workload', { id: 'rolling-restart', key: 'R', title: text('rolling restart', '순차 재시작') }),
);
const scale = defineAction<'workload'>({
  ...verb('workload', { id: 'scale', key: 's', title: text('scale', '스케일') }),
  inputs: [
    {
      id: 'replicas',
      type: 'count',
      least: 0,
      most: 1_000,
      title: text('Servers', '서버 수'),
      flag: { spelling: '--replicas <n>', help: '' },
      isRequired: true,
      replaces: ['replicas', 'desiredCount'],
      initial: ({ desired }) => String(desired),
    },
  ],
});
const rollback = defineAction<'workload'>({
  ...verb('workload', { id: 'rollback', key: 'B', title: text('roll back', '롤백') }),
  takesMany: false,
  inputs: [
    {
      id: 'revision',
      type: 'choice',
      title: text('Revision', '리비전'),
      flag: { spelling: '--to <revision>', help: '' },
      isRequired: true,
      isOpen: false,
      options: () => Promise.resolve([]),
    },
  ],
});

export const FAKE_ACTIONS: readonly AnyAction[] = [restart, deletion, rollingRestart, scale, rollback];
