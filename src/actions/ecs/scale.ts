import { appError } from '../../domain/errors.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { commandBack } from '../command-back.ts';
import { guardScale, scaleWarnings } from '../guards/scale-guard.ts';
import { sizeWarnings } from '../size-warnings.ts';
import { openService, targetOfService, unchangedCheck } from './live-service.ts';
import { serviceAfter } from './service-after.ts';
import { updateService } from './service-rollout.ts';
import { scaleWait } from './service-waits.ts';
import { hasHealthCheck, readTaskDefinition } from './task-definition.ts';

/** Sets the desired count and waits until as many tasks are ready. */
export const scaleEcs: Way<'workload'> = {
  async plan({ target, input, signal }, tools) {
    const desiredCount = Number(input['replicas']);
    guardScale(target, desiredCount, tools.lookup);
    const { ecs, live } = await openService(target, tools, signal);
    if (live.isDaemon) {
      throw appError(
        'ACTION_IMPOSSIBLE',
        `Service ${live.cluster}/${live.name} of ${live.context} has one task for each container instance (DAEMON)`,
      );
    }
    const [definition, starting] = await Promise.all([
      readTaskDefinition(ecs, live.taskDefinition, signal),
      scaleWarnings(target, { before: live.desiredCount, replicas: desiredCount }, { tools, signal }),
    ]);
    const title = text(
      `scale service ${live.name} from ${live.desiredCount} to ${desiredCount}`,
      `서비스 ${live.name} ${live.desiredCount} → ${desiredCount}`,
    );
    return {
      targets: [
        {
          ...targetOfService(target, live),
          steps: [
            unchangedCheck(live, 'desiredCount', ecs),
            updateService(live, title, { desiredCount }),
            scaleWait({ live, ecs, isChecked: hasHealthCheck(definition) }, desiredCount),
          ],
          wayBack: commandBack('scale', target.ref, `--replicas ${live.desiredCount}`),
        },
      ],
      warnings: [
        ...sizeWarnings(live.name, live.desiredCount, desiredCount),
        autoscalingUnseen(live.name),
        ...starting,
      ],
      diff: [
        {
          title: `EcsService ${live.cluster}/${live.name}`,
          lines: [`- desiredCount: ${live.desiredCount}`, `+ desiredCount: ${desiredCount}`],
        },
      ],
    };
  },
  after: serviceAfter,
};

/** Its targets and policies are another service's, which l9s does not ask. */
const autoscalingUnseen = (name: string): PlanWarning => ({
  level: 'info',
  code: 'autoscaler-unknown',
  text: text(
    `Whether Application Auto Scaling sets the count of ${name} cannot be seen: where it does, it will set it again`,
    `Application Auto Scaling이 ${name}의 개수를 정하는지 볼 수 없음: 정한다면 다시 바꿈`,
  ),
});
