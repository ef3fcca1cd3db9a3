import type { JsonObject } from '../../domain/call.ts';
import type { CallStep, DiffBlock, PlanDraft, PlanWarning } from '../../domain/plan.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import type { PairGuard } from '../guards/session-pair.ts';
import type { ReadingOf } from '../tools.ts';
import {
  definitionName,
  type LiveService,
  primaryOf,
  targetOfService,
  unchangedCheck,
} from './live-service.ts';
import { rolloutWait } from './service-waits.ts';
import { hasHealthCheck, type TaskDefinition } from './task-definition.ts';

/** `change` is what UpdateService is told beside which service it is. */
export const updateService = (
  { context, cluster, name }: LiveService,
  title: Text,
  change: JsonObject,
): CallStep => ({
  type: 'call',
  call: {
    context,
    title,
    request: { system: 'ecs', operation: 'UpdateService', input: { cluster, service: name, ...change } },
  },
});

export interface ServiceRollout {
  readonly live: LiveService;
  readonly ecs: ReadingOf<'ecs'>;
  /** What its new tasks will be of. */
  readonly definition: TaskDefinition;
  readonly title: Text;
  readonly change: JsonObject;
  readonly pair: PairGuard;
  readonly warnings: readonly PlanWarning[];
  readonly diff: readonly DiffBlock[];
  readonly wayBack?: Text | undefined;
}

/** A new deployment of a service that stands as the plan saw it, waited for. */
export const rolloutDraft = (
  workload: Workload,
  { live, ecs, definition, title, change, pair, warnings, diff, wayBack }: ServiceRollout,
): PlanDraft => ({
  targets: [
    {
      ...targetOfService(workload, live),
      group: pair.group,
      wayBack,
      steps: [
        unchangedCheck(live, 'deployment', ecs),
        updateService(live, title, change),
        rolloutWait({ live, ecs, isChecked: hasHealthCheck(definition) }),
        ...pair.waits,
      ],
    },
  ],
  warnings: [...runningDeployment(live), ...percentWarnings(live), ...pair.warnings, ...warnings],
  diff,
});

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
