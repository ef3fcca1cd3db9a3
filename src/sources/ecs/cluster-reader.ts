import type { z } from 'zod';
import type { AppError } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import { ERRORS, type ErrorCode, isTableError } from '../../domain/errors.ts';
import { nameOfArn } from './arn.ts';
import type { ArnPage } from './ecs-calls.ts';
import type { EcsGateway } from './ecs-gateway.ts';
import {
  type EcsService,
  type EcsTask,
  failureSchema,
  readEach,
  serviceSchema,
  taskSchema,
} from './ecs-records.ts';
import { isFailure } from './task-instance.ts';

const SERVICES_A_CALL = 10;
const TASKS_A_CALL = 100;
/** 5,000 services or running tasks, 300 stopped ones. */
const MAX_PAGES = 50;
const MAX_STOPPED_PAGES = 3;
const KEEP_STOPPED_MS = 60_000;
const KEEP_FAILED_MS = 600_000;

/** The last known state of one ECS cluster; a part that could not be read keeps what it was. */
export interface ClusterSnapshot {
  readonly services: readonly EcsService[];
  readonly tasks: readonly EcsTask[];
  /** When each part was last read; `undefined` while it never was. */
  readonly tasksReadAt: number | undefined;
  readonly servicesReadAt: number | undefined;
  /** What failed in the last read; FORBIDDEN here is a part that will not come. */
  readonly errors: readonly AppError<ErrorCode>[];
  readonly notes: readonly string[];
  readonly dropped: number;
}

/** Reads one cluster's services and tasks in full batches, remembering stopped tasks, which do not change. */
export function createClusterReader(cluster: string, gateway: EcsGateway, clock: Clock) {
  const name = nameOfArn(cluster);
  let services: readonly EcsService[] = [];
  let running: readonly EcsTask[] = [];
  let servicesReadAt: number | undefined;
  let tasksReadAt: number | undefined;
  let stopped = new Map<string, EcsTask>();

  const readServices = async (read: Reading, signal: AbortSignal) => {
    const arns = await read.pages(
      (nextToken, deadline) =>
        gateway.call(
          'ListServices',
          (calls, inner) => calls.listServices({ cluster, nextToken }, inner),
          deadline,
        ),
      MAX_PAGES,
      signal,
    );
    const found: EcsService[] = [];
    for (const batch of batchesOf(arns, SERVICES_A_CALL)) {
      const answer = await gateway.call(
        'DescribeServices',
        (calls, deadline) => calls.describeServices(cluster, batch, deadline),
        signal,
      );
      found.push(...read.take(serviceSchema, answer).filter(({ status }) => status !== 'INACTIVE'));
    }
    services = found;
    servicesReadAt = clock.now();
  };

  const describeTasks = async (arns: readonly string[], read: Reading, signal: AbortSignal) => {
    const found: EcsTask[] = [];
    for (const batch of batchesOf(arns, TASKS_A_CALL)) {
      const answer = await gateway.call(
        'DescribeTasks',
        (calls, deadline) => calls.describeTasks(cluster, batch, deadline),
        signal,
      );
      found.push(...read.take(taskSchema, answer));
    }
    return found;
  };

  const readTasks = async (read: Reading, signal: AbortSignal) => {
    const list = (desiredStatus: 'RUNNING' | 'STOPPED', maxPages: number) =>
      read.pages(
        (nextToken, deadline) =>
          gateway.call(
            'ListTasks',
            (calls, inner) => calls.listTasks({ cluster, nextToken, desiredStatus }, inner),
            deadline,
          ),
        maxPages,
        signal,
      );
    const runningArns = await list('RUNNING', MAX_PAGES);
    const isRunning = new Set(runningArns);
    const stoppedArns = (await list('STOPPED', MAX_STOPPED_PAGES)).filter((arn) => !isRunning.has(arn));
    const unsettled = stoppedArns.filter((arn) => stopped.get(arn)?.lastStatus !== 'STOPPED');
    const described = await describeTasks([...runningArns, ...unsettled], read, signal);
    const byArn = new Map(described.map((task) => [task.taskArn, task]));
    running = runningArns.flatMap((arn) => byArn.get(arn) ?? []);
    const settled = stoppedArns.flatMap((arn) => byArn.get(arn) ?? stopped.get(arn) ?? []);
    stopped = new Map(settled.map((task) => [task.taskArn, task]));
    tasksReadAt = clock.now();
  };

  const isRecent = (task: EcsTask): boolean =>
    task.stoppedAt === undefined ||
    clock.now() - task.stoppedAt < (isFailure(task) ? KEEP_FAILED_MS : KEEP_STOPPED_MS);

  return {
    name,
    async read(signal: AbortSignal): Promise<ClusterSnapshot> {
      const read = createReading(name);
      for (const part of [readServices, readTasks]) {
        try {
          await part(read, signal);
        } catch (error) {
          if (signal.aborted || !isTableError(error)) throw error;
          read.errors.push(error);
          // A remote out of reach is not waited for twice; the other part fails with the same error.
          if (ERRORS[error.code].stage === 'reach' || ERRORS[error.code].stage === 'authenticate') {
            read.errors.push(error);
            break;
          }
        }
      }
      return {
        services,
        tasks: [...running, ...[...stopped.values()].filter(isRecent)],
        servicesReadAt,
        tasksReadAt,
        errors: read.errors,
        notes: [...read.notes],
        dropped: read.dropped(),
      };
    },
  };
}
export type ClusterReader = ReturnType<typeof createClusterReader>;

/** What is noted while one cluster is read. */
function createReading(cluster: string) {
  const notes = new Set<string>();
  const errors: AppError<ErrorCode>[] = [];
  let dropped = 0;
  return {
    notes,
    errors,
    dropped: () => dropped,
    async pages(
      list: (nextToken: string | undefined, signal: AbortSignal) => Promise<ArnPage>,
      maxPages: number,
      signal: AbortSignal,
    ): Promise<string[]> {
      const arns = new Set<string>();
      let nextToken: string | undefined;
      for (let page = 0; page < maxPages; page++) {
        const answer = await list(nextToken, signal);
        for (const arn of answer.arns) arns.add(arn);
        // A remote that repeats its token would be asked for ever.
        if (answer.nextToken === undefined || answer.nextToken === nextToken) return [...arns];
        nextToken = answer.nextToken;
      }
      notes.add(`${cluster}: only the first ${arns.size} are read`);
      return [...arns];
    },
    take<T extends z.ZodType>(
      schema: T,
      answer: { readonly records: readonly unknown[]; readonly failures: readonly unknown[] },
    ) {
      const { good, dropped: bad } = readEach(schema, answer.records);
      dropped += bad;
      // MISSING is a thing that went between the list and the description.
      for (const { reason } of readEach(failureSchema, answer.failures).good) {
        if (reason !== 'MISSING')
          notes.add(`${cluster}: some could not be described (${reason ?? 'no reason'})`);
      }
      return good;
    },
  };
}
type Reading = ReturnType<typeof createReading>;

function batchesOf<T>(items: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let start = 0; start < items.length; start += size) batches.push(items.slice(start, start + size));
  return batches;
}
