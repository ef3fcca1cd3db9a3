import { readLenaEnvironment } from '../diagnosis/lena-environment.ts';
import type { Entities } from '../domain/entities.ts';
import type { PlanWarning } from '../domain/plan.ts';
import type { ServiceCluster } from '../domain/service-cluster.ts';
import { joinWords, type Text, text } from '../domain/text.ts';
import type { Workload } from '../domain/workload.ts';
import { type ActionKind, defineAction, type InputField, type InputOption, type Way } from './action.ts';
import { backEndOfWorkload } from './back-end.ts';
import { runningRevision, serversOfWorkload } from './guards/starting.ts';
import { afterSwitch } from './switch-revision/after-switch.ts';
import { planSwitch } from './switch-revision/plan-switch.ts';
import {
  accessFor,
  backEndOfCluster,
  serversBeside,
  whyNoSwitch,
  workloadsOfCluster,
} from './switch-revision/switch-targets.ts';
import { DEFAULT_REVISION, managersOfCluster } from './template/diff-revisions.ts';
import { getTemplate } from './template/get-template.ts';
import type { ActionTools } from './tools.ts';

const TITLE = text('switch revision', '리비전 전환');

const RUNNING = text('running', '실행 중');
const SET_NOW = text('set now', '현재 설정');
const THE_DEFAULT = text('the default', '기본값');

interface Known {
  readonly serviceCluster: string | undefined;
  readonly workloads: readonly Workload[];
  readonly managers: readonly string[];
}

/** Revisions that are known: those that run, those that are set, and the Manager's default. It offers no list. */
async function knownRevisions(
  { serviceCluster, workloads, managers }: Known,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<readonly InputOption[]> {
  const details = new Map<string, Text[]>();
  const note = (revision: string | undefined, said: Text) => {
    if (revision === undefined) return;
    const known = details.get(revision) ?? [];
    details.set(revision, known.includes(said) ? known : [...known, said]);
  };
  for (const workload of workloads) {
    for (const server of serversOfWorkload(workload, tools.lookup)) {
      note(runningRevision(server, tools.lookup), RUNNING);
    }
    note(readLenaEnvironment(workload.environment).template?.revision, SET_NOW);
  }
  const standard =
    serviceCluster === undefined
      ? undefined
      : await getTemplate(managers, { serviceCluster, revision: undefined }, { tools, signal });
  note(standard?.revision, THE_DEFAULT);
  return [
    ...[...details].map(([revision, said]) => ({
      value: revision,
      label: revision,
      detail: joinWords(said, ', '),
    })),
    {
      value: DEFAULT_REVISION,
      label: DEFAULT_REVISION,
      detail: text(
        `whatever the Manager’s default is at each start${standard === undefined ? '' : `, ${standard.revision} now`}`,
        `시작할 때마다 Manager의 기본값${standard === undefined ? '' : `, 현재 ${standard.revision}`}`,
      ),
    },
  ];
}

const revisionInput = <K extends ActionKind>(
  knownOf: (target: Entities[K], tools: ActionTools) => Known,
): InputField<K> => ({
  id: 'to',
  type: 'choice',
  title: text('Template revision', '템플릿 리비전'),
  flag: { spelling: '--to <revision>', help: 'the template revision, or "default"' },
  isRequired: true,
  replaces: ['templateId'],
  isOpen: true,
  options: (target, tools, signal) => knownRevisions(knownOf(target, tools), tools, signal),
});

const workloadInput = revisionInput<'workload'>((target, { lookup }) => ({
  serviceCluster: readLenaEnvironment(target.environment).template?.serviceCluster,
  workloads: [target],
  managers: lookup.managersServing(target.ref.context),
}));

const workloadWay: Way<'workload'> = {
  disabledReason: whyNoSwitch,
  needs: (target) => accessFor(target),
  plan: ({ target, input, signal }, tools) =>
    planSwitch(
      {
        workloads: [target],
        serviceCluster: undefined,
        managers: tools.lookup.managersServing(target.ref.context),
        written: input['to'] ?? '',
        target: `${target.ref.context}:${target.ref.id}`,
      },
      { tools, signal },
    ),
  after: afterSwitch,
};

/** The template revision a workload's servers start with, changed where it is really set; then they are rolled. */
export const switchRevision = defineAction<'workload'>({
  id: 'switch-revision',
  command: 'switch-revision',
  kind: 'workload',
  effect: 'change',
  key: 'V',
  title: TITLE,
  help: text(
    'Changes LENA_CONFIG_TEMPLATE_ID where it is set, rolls every workload that reads it and waits until their servers run the revision.',
    'LENA_CONFIG_TEMPLATE_ID를 설정된 곳에서 바꾸고, 읽는 모든 워크로드를 순차 교체하여 서버가 그 리비전을 실행할 때까지 기다립니다.',
  ),
  takesMany: false,
  inputs: [workloadInput],
  backEndOf: backEndOfWorkload,
  ways: { kube: workloadWay, ecs: workloadWay },
});

const clusterInput = revisionInput<'serviceCluster'>((target, { lookup }) => ({
  serviceCluster: target.name,
  workloads: workloadsOfCluster(target, lookup),
  managers: managersOfCluster(target, lookup),
}));

const clusterWay: Way<'serviceCluster'> = {
  needs: (target, lookup) =>
    // A right is asked for in one context; where the cluster spans several, sending tells.
    target.contexts.length > 1 ? [] : workloadsOfCluster(target, lookup).flatMap(accessFor),
  async plan({ target, input, signal }, tools) {
    const draft = await planSwitch(
      {
        workloads: workloadsOfCluster(target, tools.lookup),
        serviceCluster: target.name,
        managers: managersOfCluster(target, tools.lookup),
        written: input['to'] ?? '',
        target: `${target.ref.context}:servicecluster/${target.name}`,
      },
      { tools, signal },
    );
    return { ...draft, warnings: [...besideWarnings(target, tools), ...draft.warnings] };
  },
  after: afterSwitch,
};

function besideWarnings(target: ServiceCluster, { lookup }: ActionTools): readonly PlanWarning[] {
  const beside = serversBeside(target, lookup);
  if (beside.length === 0) return [];
  const names = beside.slice(0, 5).join(', ');
  return [
    {
      level: 'warn',
      code: 'servers-beside',
      text: text(
        `${beside.length} servers of ${target.name} belong to no workload and stay as they are: ${names}`,
        `${target.name}의 서버 ${beside.length}개는 워크로드에 속하지 않아 그대로 남음: ${names}`,
      ),
    },
  ];
}

/** The same for all workloads of a service cluster, one after another. */
export const switchClusterRevision = defineAction<'serviceCluster'>({
  id: 'switch-revision',
  command: 'switch-revision',
  kind: 'serviceCluster',
  effect: 'change',
  key: 'V',
  title: TITLE,
  help: text(
    'Changes the template revision of every workload of the service cluster, one workload after another.',
    '서비스 클러스터의 모든 워크로드를 하나씩 다른 템플릿 리비전으로 바꿉니다.',
  ),
  takesMany: false,
  inputs: [clusterInput],
  backEndOf: backEndOfCluster,
  whyNoBackEnd: () => text('no workload is known to run it', '실행하는 워크로드가 알려지지 않음'),
  ways: { kube: clusterWay, ecs: clusterWay },
});
