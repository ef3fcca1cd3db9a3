import { appError } from '../../domain/errors.ts';
import type { CallStep, PlanDraft, PlanWarning, Step } from '../../domain/plan.ts';
import type { Server } from '../../domain/server.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { guardSessionPair, type PairGuard } from '../guards/session-pair.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfServer } from '../guards/starting.ts';
import { type LiveServer, readServer, taskAfter, taskFacts } from './live-server.ts';
import { readService } from './live-service.ts';
import { isReady, shortId, tasksOfService } from './live-task.ts';
import { replacementWait, stoppedWait } from './service-waits.ts';
import { hasHealthCheck, readTaskDefinition } from './task-definition.ts';

const whyNoTask = ({ records }: Server): Text | undefined =>
  records.instance === undefined ? text('it has no task', '태스크가 없음') : undefined;

/** Stops the task and waits until its service has another one ready in its place. */
export const restartEcs: Way<'server'> = {
  disabledReason: (server) =>
    whyNoTask(server) ??
    (server.workload === undefined
      ? text('no service would start it again', '다시 시작해 줄 서비스가 없음')
      : undefined),
  async plan({ target: server, together, signal }, tools) {
    const live = await readServer(server, tools, signal);
    const { ecs, context, cluster, task } = live;
    if (live.service === undefined) {
      throw appError('ACTION_IMPOSSIBLE', `Task ${task.id} of ${cluster} belongs to no service`, {
        hint: 'Nothing would start it again: stop it and run another one as it was run before.',
      });
    }
    const service = await readService({ context, cluster, name: live.service }, ecs, signal);
    const [definition, seen, starting, pair] = await Promise.all([
      readTaskDefinition(ecs, service.taskDefinition, signal),
      tasksOfService(ecs, service, signal),
      startWarnings(startingOfServer(server, tools.lookup), tools, signal),
      guardSessionPair({ server, together }, tools, signal),
    ]);
    const isChecked = hasHealthCheck(definition);
    const others = seen.filter((other) => other.arn !== task.arn && isReady(other, isChecked)).length;
    const stopped = together.filter(
      ({ ref, workload, place }) =>
        ref.context === context && place?.name === cluster && workload?.name === live.service,
    ).length;
    return draftOf(server, live, {
      pair,
      title: text(
        `stop task ${shortId(task)} of ${live.service}`,
        `${live.service}의 태스크 ${shortId(task)} 중지`,
      ),
      waits: [
        stoppedWait(task, cluster, ecs),
        replacementWait({ live: service, ecs, isChecked }, { task, seen }),
        ...pair.waits,
      ],
      warnings: [
        ...pair.order,
        ...lastOnes(live.service, others, stopped - 1),
        ...pair.warnings,
        ...starting,
      ],
    });
  },
  after: taskAfter,
};

/** Stops the task; what its service does then is its own affair. */
export const deleteEcs: Way<'server'> = {
  disabledReason: whyNoTask,
  async plan({ target: server, together, signal }, tools) {
    const live = await readServer(server, tools, signal);
    const { ecs, cluster, task, service } = live;
    const [starting, pair] = await Promise.all([
      service === undefined ? [] : startWarnings(startingOfServer(server, tools.lookup), tools, signal),
      guardSessionPair({ server, together }, tools, signal),
    ]);
    return draftOf(server, live, {
      pair,
      title: text(`stop task ${shortId(task)} of ${cluster}`, `${cluster}의 태스크 ${shortId(task)} 중지`),
      waits: [stoppedWait(task, cluster, ecs), ...(service === undefined ? [] : pair.waits)],
      warnings: [
        ...(service === undefined ? [] : pair.order),
        comesBack(live),
        ...pair.warnings,
        ...starting,
      ],
    });
  },
  after: taskAfter,
};

interface Stop {
  readonly title: Text;
  readonly waits: readonly Step[];
  readonly warnings: readonly PlanWarning[];
  readonly pair: PairGuard;
}

function draftOf({ ref }: Server, live: LiveServer, { title, waits, warnings, pair }: Stop): PlanDraft {
  const { context, cluster, task } = live;
  // A task's ARN is never used again: whoever stopped it first, the second call ends nothing else.
  const call: CallStep = {
    type: 'call',
    call: {
      context,
      title,
      request: {
        system: 'ecs',
        operation: 'StopTask',
        input: { cluster, task: task.arn, reason: 'Stopped by an operator with l9s' },
      },
    },
  };
  return {
    targets: [
      {
        ref,
        context,
        kind: 'Task',
        name: task.id,
        before: taskFacts(live),
        group: pair.group,
        steps: [call, ...waits],
      },
    ],
    warnings,
    diff: [],
  };
}

function comesBack({ service, task }: LiveServer): PlanWarning {
  if (service === undefined) {
    const never = text(
      `Task ${shortId(task)} belongs to no service: it does not come back`,
      `태스크 ${shortId(task)}은(는) 서비스에 속하지 않음: 다시 생기지 않음`,
    );
    return { level: 'warn', code: 'no-controller', text: never };
  }
  const anew = text(
    `Service ${service} starts another task in its place`,
    `서비스 ${service}이(가) 대신할 태스크를 새로 시작함`,
  );
  return { level: 'info', code: 'comes-back', text: anew };
}

/** Stopping tasks one by one keeps to none of the service's percentages. */
function lastOnes(service: string, othersReady: number, alsoStopped: number): readonly PlanWarning[] {
  if (othersReady > alsoStopped) return [];
  return [
    {
      level: 'warn',
      code: 'none-left',
      text: text(
        `No other task of ${service} is ready: it serves nothing until the new one is`,
        `${service}의 준비된 다른 태스크가 없음: 새 태스크가 준비될 때까지 서비스 중단`,
      ),
    },
  ];
}
