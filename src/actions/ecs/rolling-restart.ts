import { text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfWorkload } from '../guards/starting.ts';
import { assertRollsOut, openService, whyNotRolledOut } from './live-service.ts';
import { serviceAfter } from './service-after.ts';
import { guardServicePair } from './service-pair.ts';
import { rolloutDraft } from './service-rollout.ts';
import { readTaskDefinition } from './task-definition.ts';

/** A forced new deployment: every task anew, as the service's percentages allow. */
export const rollingRestartEcs: Way<'workload'> = {
  disabledReason: whyNotRolledOut,
  async plan({ target, signal }, tools) {
    const { ecs, live } = await openService(target, tools, signal);
    assertRollsOut(live);
    const [definition, starting, pair] = await Promise.all([
      readTaskDefinition(ecs, live.taskDefinition, signal),
      startWarnings(startingOfWorkload(target, tools.lookup), tools, signal),
      guardServicePair(target, tools, signal),
    ]);
    const title = text(
      `new deployment of service ${live.name} (${definition.name})`,
      `서비스 ${live.name} 새 배포 (${definition.name})`,
    );
    return rolloutDraft(target, {
      live,
      ecs,
      definition,
      title,
      change: { forceNewDeployment: true },
      pair,
      warnings: starting,
      diff: [],
    });
  },
  after: serviceAfter,
};
