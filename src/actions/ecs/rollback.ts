import { appError } from '../../domain/errors.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { commandBack } from '../command-back.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfWorkload } from '../guards/starting.ts';
import { RUNS_NOW } from '../rollback-words.ts';
import { diffTemplateFields } from '../template-lines.ts';
import { assertRollsOut, type LiveService, openService, whyNotRolledOut } from './live-service.ts';
import { serviceAfter } from './service-after.ts';
import { guardServicePair } from './service-pair.ts';
import { rolloutDraft } from './service-rollout.ts';
import {
  lenaEnvironmentOf,
  readTaskDefinition,
  registrable,
  type TaskDefinition,
} from './task-definition.ts';

/** Deploys an earlier task definition and waits for the rollout. */
export const rollbackEcs: Way<'workload'> = {
  disabledReason: whyNotRolledOut,
  async plan({ target, input, signal }, tools) {
    const { ecs, live } = await openService(target, tools, signal);
    assertRollsOut(live);
    const [current, wanted] = await Promise.all([
      readTaskDefinition(ecs, live.taskDefinition, signal),
      readTaskDefinition(ecs, wantedName(input['revision'] ?? ''), signal),
    ]);
    assertDeployable(live, wanted);
    const starting = { ...startingOfWorkload(target, tools.lookup), environment: lenaEnvironmentOf(wanted) };
    const [warnings, pair] = await Promise.all([
      startWarnings(starting, tools, signal),
      guardServicePair(target, tools, signal),
    ]);
    const title = text(
      `deploy ${wanted.name} on service ${live.name}`,
      `서비스 ${live.name}에 ${wanted.name} 배포`,
    );
    const lines = diffTemplateFields(registrable(current), registrable(wanted));
    return rolloutDraft(target, {
      live,
      ecs,
      definition: wanted,
      title,
      change: { taskDefinition: wanted.arn },
      pair,
      warnings: [...warnings, ...(lines.length > 0 ? [] : [onlyRestart(live, wanted)])],
      wayBack: commandBack('rollback', target.ref, `--to ${current.name}`),
      diff: [
        {
          title: `EcsService ${live.cluster}/${live.name}, ${current.name} → ${wanted.name}`,
          lines,
        },
      ],
    });
  },
  after: serviceAfter,
};

/** Definitions of one family may differ in nothing but their number. */
const onlyRestart = ({ name }: LiveService, wanted: TaskDefinition): PlanWarning => ({
  level: 'warn',
  code: 'only-restart',
  text: text(
    `Task definition revision ${wanted.name} differs in nothing but its number: every task of ${name} is restarted, and nothing else changes`,
    `태스크 정의 리비전 ${wanted.name}은(는) 번호만 다름: ${name}의 모든 태스크가 재시작되고 다른 변경은 없음`,
  ),
});

/** Throws INPUT_INVALID for what is no `family:revision`. */
function wantedName(asked: string): string {
  if (/^[A-Za-z0-9_-]{1,255}:\d{1,9}$/.test(asked)) return asked;
  throw appError('INPUT_INVALID', `${asked || '(none given)'} is no task definition revision`, {
    hint: 'Give one of those offered, as family:revision.',
  });
}

/** Throws ACTION_IMPOSSIBLE for the one that is deployed, and for one that was deregistered. */
function assertDeployable(
  { cluster, name, context, taskDefinition }: LiveService,
  wanted: TaskDefinition,
): void {
  const service = `service ${cluster}/${name} of ${context}`;
  if (wanted.arn === taskDefinition)
    throw appError('ACTION_IMPOSSIBLE', `${wanted.name} ${RUNS_NOW.en}: ${service}`);
  if (!wanted.isActive) {
    throw appError('ACTION_IMPOSSIBLE', `${wanted.name} was deregistered: ${service} cannot go back to it`, {
      hint: 'Register it again, then deploy the new revision.',
    });
  }
}
