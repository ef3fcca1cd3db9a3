import { appError } from '../../domain/errors.ts';
import { text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { commandBack } from '../command-back.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfWorkload } from '../guards/starting.ts';
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
    return rolloutDraft(target, {
      live,
      ecs,
      definition: wanted,
      title,
      change: { taskDefinition: wanted.arn },
      pair,
      warnings,
      wayBack: commandBack('rollback', target.ref, `--to ${current.name}`),
      diff: [
        {
          title: `EcsService ${live.cluster}/${live.name}, ${current.name} → ${wanted.name}`,
          lines: diffTemplateFields(registrable(current), registrable(wanted)),
        },
      ],
    });
  },
  after: serviceAfter,
};

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
    throw appError('ACTION_IMPOSSIBLE', `${wanted.name} is what ${service} has now`);
  if (!wanted.isActive) {
    throw appError('ACTION_IMPOSSIBLE', `${wanted.name} was deregistered: ${service} cannot go back to it`, {
      hint: 'Register it again, then deploy the new revision.',
    });
  }
}
