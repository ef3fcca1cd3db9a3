import type { PlanWarning } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfWorkload } from '../guards/starting.ts';
import {
  assertRollsOut,
  definitionName,
  type LiveService,
  openService,
  primaryOf,
  targetOfService,
  unchangedCheck,
  whyNotRolledOut,
} from './live-service.ts';
import { serviceAfter } from './service-after.ts';
import { guardServicePair } from './service-pair.ts';
import { rolloutWait } from './service-waits.ts';
import { hasHealthCheck, readTaskDefinition } from './task-definition.ts';

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
    return {
      targets: [
        {
          ...targetOfService(target, live),
          group: pair.group,
          steps: [
            unchangedCheck(live, 'deployment', ecs),
            {
              type: 'call',
              call: {
                context: live.context,
                title,
                request: {
                  system: 'ecs',
                  operation: 'UpdateService',
                  input: { cluster: live.cluster, service: live.name, forceNewDeployment: true },
                },
              },
            },
            rolloutWait({ live, ecs, isChecked: hasHealthCheck(definition) }),
            ...pair.waits,
          ],
        },
      ],
      warnings: [...runningDeployment(live), ...percentWarnings(live), ...pair.warnings, ...starting],
      diff: [],
    };
  },
  after: serviceAfter,
};

/** One that is under way is put aside by the new one. */
export function runningDeployment(live: LiveService): readonly PlanWarning[] {
  const primary = primaryOf(live);
  if (primary?.rolloutState !== 'IN_PROGRESS') return [];
  return [
    {
      level: 'warn',
      code: 'deployment-running',
      text: text(
        `A deployment of ${definitionName(primary.taskDefinition)} is under way and will be put aside`,
        `${definitionName(primary.taskDefinition)} 배포가 진행 중이며 중단됨`,
      ),
    },
  ];
}

/** What the service's percentages make of a rollout. */
export function percentWarnings({
  name,
  minimumHealthyPercent,
  desiredCount,
}: LiveService): readonly PlanWarning[] {
  const warnings: PlanWarning[] = [];
  if (desiredCount === 0) {
    warnings.push({
      level: 'info',
      code: 'no-tasks',
      text: text(`${name} has no tasks now`, `${name}에 현재 태스크가 없음`),
    });
  } else if (
    minimumHealthyPercent !== undefined &&
    Math.ceil((desiredCount * minimumHealthyPercent) / 100) === 0
  ) {
    warnings.push({
      level: 'danger',
      code: 'all-at-once',
      text: text(
        `${name} may end all its tasks before a new one starts (minimum healthy ${minimumHealthyPercent} %)`,
        `${name}은(는) 새 태스크 시작 전에 모든 태스크가 종료될 수 있음 (최소 정상 ${minimumHealthyPercent} %)`,
      ),
    });
  }
  return warnings;
}
