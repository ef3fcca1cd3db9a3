import { recordOf } from '../../core/json-read.ts';
import type { JsonValue } from '../../domain/call.ts';
import { appError } from '../../domain/errors.ts';
import type { PlanTarget, PlanWarning } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import { isSessionPairSet, pairRollout } from '../guards/pair-rollout.ts';
import type { ActionTools } from '../tools.ts';
import { isRollingKind } from './kube-paths.ts';
import type { LivePod } from './live-pods.ts';
import type { LiveWorkload } from './live-workload.ts';
import { rolloutWait } from './rollout-wait.ts';
import { patchCall } from './workload-patch.ts';

export interface TemplateChange {
  readonly workload: Workload;
  readonly live: LiveWorkload;
  readonly title: Text;
  /** JSON-patch operations on the pod template, and those that put back what was there. */
  readonly set: readonly JsonValue[];
  readonly undo: readonly JsonValue[];
  /** Whether a pod is of the new template. */
  readonly isNew: (pod: LivePod) => boolean;
}

/**
 * Changes a pod template and waits for the rollout: in one call, or for a session pair one member after the other.
 * Rejects with ACTION_IMPOSSIBLE where it would not roll out.
 */
export async function rollTemplate(
  { workload, live, title, set, undo, isNew }: TemplateChange,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<Pick<PlanTarget, 'steps' | 'restore'> & { readonly warnings: readonly PlanWarning[] }> {
  assertNotPaused(live);
  if (isSessionPairSet(workload, live, tools)) {
    const pair = await pairRollout({ live, title, set, undo, isNew }, tools, signal);
    return { ...pair, warnings: [...pair.warnings, ...strategyWarnings(live)] };
  }
  const request = patchCall(live, set);
  return {
    steps: [
      { type: 'call', call: { context: live.context, title, request } },
      ...(live.isOnDelete ? [] : [rolloutWait({ live, tools, isNew })]),
    ],
    warnings: strategyWarnings(live),
  };
}

export const whyNoRollout = ({ kind, rollout }: Pick<Workload, 'kind' | 'rollout'>): Text | undefined => {
  if (!isRollingKind(kind)) return text(`a ${kind} has no rollout`, `${kind}에는 롤아웃이 없음`);
  if (rollout.state !== 'paused') return undefined;
  return text('its rollout is paused: resume it first', '롤아웃 일시 중지 상태: 먼저 재개해야 함');
};

/** A paused Deployment would take the change and do nothing. */
export function assertNotPaused({ isPaused, kind, namespace, name, context }: LiveWorkload): void {
  if (!isPaused) return;
  throw appError('ACTION_IMPOSSIBLE', `${kind} ${namespace}/${name} of ${context} is paused`, {
    hint: 'Resume it first (kubectl rollout resume): while it is paused nothing rolls out.',
  });
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
    const none = text(`${name} has no pods now`, `${name}에 현재 파드가 없음`);
    warnings.push({ level: 'info', code: 'no-pods', text: none });
  }
  return warnings;
}
