import { recordOf } from '../../core/json-read.ts';
import type { Facts } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import type { Way } from '../action.ts';
import { commandBack } from '../command-back.ts';
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
    const base = targetOf(workload, live);
    return {
      targets: [{ ...base, steps, restore, wayBack: wayBackOf(workload, base.before['revision']) }],
      warnings: [...starting, ...warnings],
      diff: [{ title: `${live.kind} ${live.namespace}/${live.name}`, lines: diffOfMark(live, at) }],
    };
  },
  after: workloadAfter,
};

/** Only a Deployment notes which revision it is at. */
const wayBackOf = ({ ref }: Workload, revision: Facts[string] | undefined): Text =>
  commandBack('rollback', ref, `--to ${revision ?? '<the revision before>'}`);

function diffOfMark({ template }: LiveWorkload, at: string): readonly string[] {
  const before = recordOf(recordOf(template['metadata'])['annotations'])[RESTARTED_AT];
  const line = `spec.template.metadata.annotations.${RESTARTED_AT}`;
  return [...(typeof before === 'string' ? [`- ${line}: ${before}`] : []), `+ ${line}: ${at}`];
}
