import { recordOf } from '../../core/json-read.ts';
import { text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { RESTARTED_AT, rollMark } from '../guards/roll-mark.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfWorkload } from '../guards/starting.ts';
import { isRollingKind, workloadAccess } from './kube-paths.ts';
import { type LiveWorkload, readWorkload } from './live-workload.ts';
import { rollTemplate, whyNoRollout } from './roll-template.ts';
import { workloadAfter } from './workload-after.ts';
import { targetOf } from './workload-patch.ts';

/** Marks the pod template anew, as `kubectl rollout restart` does, and waits for the rollout. */
export const rollingRestartKube: Way<'workload'> = {
  disabledReason: whyNoRollout,
  needs: ({ kind, place, name }) =>
    isRollingKind(kind) ? [workloadAccess(kind, { verb: 'patch', namespace: place.name, name })] : [],
  async plan({ target: workload, signal }, tools) {
    const { live } = await readWorkload(workload, tools, signal);
    const { at, ...mark } = rollMark(live, tools.clock.now());
    const title = text(`restart ${live.kind} ${live.name}`, `${live.kind} ${live.name} 재시작`);
    const [{ steps, restore, warnings }, starting] = await Promise.all([
      rollTemplate({ workload, live, title, ...mark }, tools, signal),
      startWarnings(startingOfWorkload(workload, tools.lookup), tools, signal),
    ]);
    return {
      targets: [{ ...targetOf(workload, live), steps, restore }],
      warnings: [...starting, ...warnings],
      diff: [{ title: `${live.kind} ${live.namespace}/${live.name}`, lines: diffOfMark(live, at) }],
    };
  },
  after: workloadAfter,
};

function diffOfMark({ template }: LiveWorkload, at: string): readonly string[] {
  const before = recordOf(recordOf(template['metadata'])['annotations'])[RESTARTED_AT];
  const line = `spec.template.metadata.annotations.${RESTARTED_AT}`;
  return [...(typeof before === 'string' ? [`- ${line}: ${before}`] : []), `+ ${line}: ${at}`];
}
