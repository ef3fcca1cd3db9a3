import { cleanLine } from '../../core/text.ts';
import type { OpsEvent } from '../../domain/event.ts';
import { refOf } from '../../domain/ref.ts';
import { nameOfArn } from './arn.ts';
import type { EcsTask } from './ecs-records.ts';
import { isFailure, taskName } from './task-instance.ts';

/** The end of a task nobody wanted to end, as an event with its reason and exit codes. */
export function taskEvent(
  task: EcsTask,
  facts: { readonly context: string; readonly cluster: string; readonly seenAt: number },
): OpsEvent | undefined {
  if (task.lastStatus !== 'STOPPED' || !isFailure(task)) return undefined;
  const taskId = nameOfArn(task.taskArn);
  const exits = task.containers.flatMap(({ name, exitCode, reason }) =>
    exitCode === undefined && reason === undefined
      ? []
      : [
          `${name}${exitCode === undefined ? '' : ` exit ${exitCode}`}${reason === undefined ? '' : ` ${reason}`}`,
        ],
  );
  return {
    ref: refOf('event', facts.context, `stopped/${task.taskArn}`),
    at: task.stoppedAt ?? facts.seenAt,
    level: 'error',
    type: cleanLine(task.stopCode ?? 'TaskStopped'),
    message: cleanLine([task.stoppedReason ?? 'stopped', ...exits].join('; ')),
    target: refOf('instance', facts.context, `${facts.cluster}/${taskId}`),
    targetName: taskName(task, taskId),
  };
}
