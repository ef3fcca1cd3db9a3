import { recordOf } from '../../core/json-read.ts';
import type { JsonValue, KubeCall } from '../../domain/call.ts';
import { appError } from '../../domain/errors.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import type { Way } from '../action.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfWorkload } from '../guards/starting.ts';
import { isRollingKind, workloadAccess } from './kube-paths.ts';
import { factsOf, type LiveWorkload, readWorkload } from './live-workload.ts';
import { rolloutWait } from './rollout-wait.ts';
import { workloadAfter } from './workload-after.ts';

/** As kubectl marks it, so that whoever reads the template knows what it means. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** Marks the pod template anew, as `kubectl rollout restart` does, and waits for the rollout. */
export const rollingRestartKube: Way<'workload'> = {
  disabledReason: ({ kind, rollout }) => whyNoRollout(kind) ?? whyPaused(rollout.state),
  needs: ({ kind, place, name }) =>
    isRollingKind(kind) ? [workloadAccess(kind, { verb: 'patch', namespace: place.name, name })] : [],
  async plan({ target, signal }, tools) {
    const { live } = await readWorkload(target, tools, signal);
    assertNotPaused(live);
    const at = `${new Date(tools.clock.now()).toISOString().slice(0, 19)}Z`;
    const starting = await startWarnings(startingOfWorkload(target, tools.lookup), tools, signal);
    const title = text(`restart ${live.kind} ${live.name}`, `${live.kind} ${live.name} 재시작`);
    const wait = rolloutWait({ live, tools, isNew: ({ annotations }) => annotations[RESTARTED_AT] === at });
    return {
      targets: [
        {
          ...targetOf(target, live),
          steps: [
            {
              type: 'call',
              call: { context: live.context, title, request: patchCall(live, mark(live, at)) },
            },
            ...(live.isOnDelete ? [] : [wait]),
          ],
        },
      ],
      warnings: [...starting, ...strategyWarnings(live)],
      diff: [
        {
          title: `${live.kind} ${live.namespace}/${live.name}`,
          lines: diffOfMark(live, at),
        },
      ],
    };
  },
  after: workloadAfter,
};

export const whyNoRollout = (kind: Workload['kind']) =>
  isRollingKind(kind) ? undefined : text(`a ${kind} has no rollout`, `${kind}에는 롤아웃이 없음`);
export const whyPaused = (state: Workload['rollout']['state']) =>
  state === 'paused'
    ? text('its rollout is paused: resume it first', '롤아웃 일시 중지 상태: 먼저 재개해야 함')
    : undefined;

/** Throws ACTION_IMPOSSIBLE: a paused Deployment would take the change and do nothing. */
export function assertNotPaused({ isPaused, kind, namespace, name, context }: LiveWorkload): void {
  if (!isPaused) return;
  throw appError('ACTION_IMPOSSIBLE', `${kind} ${namespace}/${name} of ${context} is paused`, {
    hint: 'Resume it first (kubectl rollout resume): while it is paused nothing rolls out.',
  });
}

export const targetOf = ({ ref }: Workload, live: LiveWorkload) => ({
  ref,
  context: live.context,
  namespace: live.namespace,
  kind: live.kind,
  name: live.name,
  before: factsOf(live),
});

/**
 * A JSON patch that holds only for the object and the specification that were seen: whoever changed either since,
 * this one is a conflict.
 */
export const patchCall = (live: LiveWorkload, operations: readonly JsonValue[]): KubeCall => ({
  system: 'kube',
  method: 'PATCH',
  path: live.path,
  query: { fieldManager: 'l9s' },
  contentType: 'application/json-patch+json',
  body: [
    { op: 'test', path: '/metadata/uid', value: live.uid },
    { op: 'test', path: '/metadata/generation', value: live.generation },
    ...operations,
  ],
});

function mark({ template }: LiveWorkload, at: string): readonly JsonValue[] {
  const { metadata } = template;
  const path = '/spec/template/metadata';
  if (recordOf(metadata)['annotations'] !== undefined)
    return [{ op: 'add', path: `${path}/annotations/${RESTARTED_AT.replace('/', '~1')}`, value: at }];
  if (metadata !== undefined)
    return [{ op: 'add', path: `${path}/annotations`, value: { [RESTARTED_AT]: at } }];
  return [{ op: 'add', path, value: { annotations: { [RESTARTED_AT]: at } } }];
}

function diffOfMark({ template }: LiveWorkload, at: string): readonly string[] {
  const before = recordOf(recordOf(template['metadata'])['annotations'])[RESTARTED_AT];
  const line = `spec.template.metadata.annotations.${RESTARTED_AT}`;
  return [...(typeof before === 'string' ? [`- ${line}: ${before}`] : []), `+ ${line}: ${at}`];
}

/** What its strategy makes of a change of the template. */
export function strategyWarnings({ name, isOnDelete, desired, spec }: LiveWorkload): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (isOnDelete) {
    warnings.push({
      level: 'warn',
      code: 'on-delete',
      text: text(
        `${name} has the strategy OnDelete: its pods stay as they are until each is deleted`,
        `${name}은(는) OnDelete 전략: 파드를 하나씩 삭제할 때까지 바뀌지 않음`,
      ),
    });
  }
  if (recordOf(spec['strategy'])['type'] === 'Recreate') {
    warnings.push({
      level: 'danger',
      code: 'recreate',
      text: text(
        `${name} has the strategy Recreate: all its pods end before a new one starts`,
        `${name}은(는) Recreate 전략: 모든 파드가 끝난 뒤에 새 파드가 시작됨`,
      ),
    });
  }
  const partition = recordOf(recordOf(spec['updateStrategy'])['rollingUpdate'])['partition'];
  if (typeof partition === 'number' && partition > 0) {
    warnings.push({
      level: 'warn',
      code: 'partitioned',
      text: text(
        `${name} has partition ${partition}: pods below that number stay as they are`,
        `${name}의 partition은 ${partition}: 그보다 낮은 번호의 파드는 바뀌지 않음`,
      ),
    });
  }
  if (desired === 0) {
    warnings.push({
      level: 'info',
      code: 'no-pods',
      text: text(`${name} has no pods now`, `${name}에 현재 파드가 없음`),
    });
  }
  return warnings;
}
