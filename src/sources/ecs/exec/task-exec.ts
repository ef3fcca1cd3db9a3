import type { Dispatcher } from 'undici';
import type { Clock } from '../../../core/clock.ts';
import type { JsonObject } from '../../../domain/call.ts';
import { isTableError } from '../../../domain/errors.ts';
import type { EcsContainer, EcsRemote } from '../../../domain/remote.ts';
import type { Environment } from '../../http-ca.ts';
import { executeError, mayTellMore } from './exec-errors.ts';
import { type ExecConnection, execInTask, streamFromTask } from './exec-in-task.ts';
import { execObstacle } from './exec-obstacle.ts';

export interface TaskExecOptions {
  readonly clock: Clock;
  readonly environment: Environment;
  readonly endpoint?: string | undefined;
  readonly read: EcsRemote['read'];
  /** ExecuteCommand. Rejects with an AppError whose cause is what the SDK threw. */
  readonly execute: (input: JsonObject, signal: AbortSignal) => Promise<JsonObject>;
}

/** Commands in the containers of one region's tasks. */
export function createTaskExec({ clock, environment, endpoint, read, execute }: TaskExecOptions) {
  const address = endpoint ?? environment['AWS_ENDPOINT_URL_ECS'] ?? environment['AWS_ENDPOINT_URL'];
  let outlet: Promise<Dispatcher> | undefined;

  const obstacle: EcsRemote['execObstacle'] = async (place, signal) => {
    const { cluster, task } = place;
    return execObstacle(await read('DescribeTasks', { cluster, tasks: [task] }, signal), place);
  };
  const connectionTo = (place: EcsContainer): ExecConnection => ({
    clock,
    isPlain: address?.toLowerCase().startsWith('http:') ?? false,
    async outlet() {
      // Certificates and proxies are looked up once, by the first command.
      const { createSessionOutlet } = await import('./session-outlet.ts');
      outlet ??= createSessionOutlet(environment);
      return await outlet;
    },
    async execute(input, signal) {
      try {
        return await execute(input, signal);
      } catch (error) {
        if (!isTableError(error)) throw error;
        const found = mayTellMore(error) ? await obstacle(place, signal).catch(() => undefined) : undefined;
        throw executeError(error, found);
      }
    },
  });

  return {
    obstacle,
    exec: ((request, signal) =>
      execInTask(connectionTo(request), request, signal)) satisfies EcsRemote['exec'],
    stream: ((request, onBytes, signal) =>
      streamFromTask(connectionTo(request), request, { onBytes, signal })) satisfies EcsRemote['stream'],
    async close() {
      const opened = await outlet?.catch(() => undefined);
      await opened?.destroy();
    },
  };
}
