import type { AppError } from '../../core/app-error.ts';
import { appError, type ErrorCode, isTableError } from '../../domain/errors.ts';
import type { Sink } from '../../domain/ports.ts';
import { maskUrl } from '../../domain/secret-name.ts';
import { eachLimited } from '../poll-wait.ts';
import { accountOfArn, nameOfArn } from './arn.ts';
import { selectClusters } from './cluster-names.ts';
import { type ClusterReader, type ClusterSnapshot, createClusterReader } from './cluster-reader.ts';
import { budgetKey, type EcsBudget, type EcsBudgets } from './ecs-budget.ts';
import { createEcsGateway } from './ecs-gateway.ts';
import { createEcsPublisher } from './ecs-publisher.ts';
import { clusterSchema, readEach } from './ecs-records.ts';
import type { EcsSourceOptions } from './ecs-source.ts';
import { primaryDeployment } from './service-workload.ts';
import { createTaskDefinitions } from './task-definitions.ts';

const DISCOVER_EVERY_MS = 60_000;
const CLUSTERS_AT_ONCE = 4;
const MAX_CLUSTER_PAGES = 10;
const DESCRIBE_CLUSTERS_A_CALL = 100;
/** Rows are shown before their definitions when more than this many are to be read first. */
const DEFINITIONS_BEFORE_ROWS = 20;

export interface PollRound {
  readonly hasMoved: boolean;
  readonly isBusy: boolean;
  readonly wasThrottled: boolean;
}

export type EcsSessionOptions = EcsSourceOptions & {
  readonly timeoutMs: number;
  readonly budgets: EcsBudgets;
};
export type EcsSession = Awaited<ReturnType<typeof createEcsSession>>;

/** One client with what it learnt; rejects where no region or client can be had. */
export async function createEcsSession(options: EcsSessionOptions) {
  const { context, clock, random, budgets, timeoutMs, endpoint } = options;
  const { createEcsSdk } = await import('./ecs-sdk.ts');
  const calls = await createEcsSdk(options);
  const region = await calls.region();
  const where = endpoint === undefined ? region : `${region} at ${maskUrl(endpoint)}`;
  const credentials = options.profile ?? options.environment['AWS_ACCESS_KEY_ID'];
  let account: string | undefined;
  let credentialsEndAt: number | undefined;
  let budget: EcsBudget = budgets.of(budgetKey({ endpoint, region, account, credentials }), clock);
  const gateway = createEcsGateway({
    calls,
    clock,
    random,
    timeoutMs,
    target: `ECS ${where}${options.profile === undefined ? '' : `, profile ${options.profile}`}`,
    budget: () => budget,
  });
  const definitions = createTaskDefinitions(gateway, clock);
  const publisher = createEcsPublisher(context, clock);
  const selection = selectClusters(options.clusters);
  const readers = new Map<string, ClusterReader>();
  const snapshots = new Map<string, ClusterSnapshot>();
  let discoveredAt: number | undefined;
  let notes: string[] = [];

  const learnAccount = async (arn: string) => {
    if (account !== undefined) return;
    account = accountOfArn(arn);
    if (account !== undefined)
      budget = budgets.of(budgetKey({ endpoint, region, account, credentials }), clock);
    try {
      credentialsEndAt = (await calls.credentials()).endsAt;
    } catch {
      // They worked a moment ago; when they end is a courtesy.
    }
  };

  const discover = async (signal: AbortSignal) => {
    const names = new Set<string>(selection.literals);
    if (selection.hasGlobs) {
      let nextToken: string | undefined;
      for (let page = 0; page < MAX_CLUSTER_PAGES; page++) {
        const token = nextToken;
        const answer = await gateway.call(
          'ListClusters',
          (client, inner) => client.listClusters(token, inner),
          signal,
        );
        for (const arn of answer.arns) {
          await learnAccount(arn);
          if (selection.matches(nameOfArn(arn))) names.add(nameOfArn(arn));
        }
        nextToken = answer.nextToken;
        if (nextToken === undefined || nextToken === token) break;
      }
    }
    const found = await describe([...names], signal);
    if (found.length === 0) {
      throw appError('NOT_FOUND', `No ECS cluster matches ${selection.text} in ${where}`, {
        hint: 'Check the region, the account and the cluster names of the config.',
      });
    }
    for (const name of readers.keys()) {
      if (found.includes(name)) continue;
      readers.delete(name);
      snapshots.delete(name);
    }
    for (const name of found)
      if (!readers.has(name)) readers.set(name, createClusterReader(name, gateway, clock));
    discoveredAt = clock.now();
  };

  /** Names of those that exist and are active; without the right to describe, all of them. */
  const describe = async (names: readonly string[], signal: AbortSignal): Promise<string[]> => {
    const found: string[] = [];
    for (let start = 0; start < names.length; start += DESCRIBE_CLUSTERS_A_CALL) {
      const batch = names.slice(start, start + DESCRIBE_CLUSTERS_A_CALL);
      try {
        const answer = await gateway.call(
          'DescribeClusters',
          (client, inner) => client.describeClusters(batch, inner),
          signal,
        );
        for (const { clusterArn, clusterName, status } of readEach(clusterSchema, answer.records).good) {
          await learnAccount(clusterArn);
          if (status === undefined || status === 'ACTIVE') found.push(clusterName);
        }
      } catch (error) {
        if (!isTableError(error) || error.code !== 'FORBIDDEN') throw error;
        found.push(...batch.map(nameOfArn));
      }
    }
    return found;
  };

  const readClusters = async (signal: AbortSignal): Promise<AppError<ErrorCode>[]> => {
    const errors: AppError<ErrorCode>[] = [];
    await eachLimited([...readers.values()], CLUSTERS_AT_ONCE, async (reader) => {
      try {
        const snapshot = await reader.read(signal);
        snapshots.set(reader.name, snapshot);
        errors.push(...snapshot.errors);
      } catch (error) {
        if (isTableError(error)) errors.push(error);
      }
    });
    return errors;
  };

  const wantedDefinitions = (): string[] =>
    definitions.missing(
      [...snapshots.values()].flatMap(({ tasks, services }) => [
        ...tasks.flatMap(({ taskDefinitionArn }) => taskDefinitionArn ?? []),
        ...services.flatMap(
          (service) => primaryDeployment(service)?.taskDefinition ?? service.taskDefinition ?? [],
        ),
      ]),
    );

  const tell = (sink: Sink) => {
    const dropped = [...snapshots.values()].reduce((sum, snapshot) => sum + snapshot.dropped, 0);
    sink.facts({
      target: `ECS ${where}: ${[...readers.keys()].join(', ') || selection.text}`,
      identity: identityOf(options.profile, account),
      requestsPerMinute: gateway.requestsPerMinute(),
      capabilities: { ...gateway.capabilities },
      notes,
      credentialsEndAt,
      counts: { clusters: readers.size, droppedRecords: dropped },
    });
  };

  return {
    tell,
    close: () => calls.close(),
    /** One look at everything; rejects where nothing could be read. */
    async poll(sink: Sink, signal: AbortSignal): Promise<PollRound> {
      const startedAt = clock.now();
      let discoveryError: AppError<ErrorCode> | undefined;
      if (discoveredAt === undefined || startedAt - discoveredAt >= DISCOVER_EVERY_MS) {
        try {
          await discover(signal);
        } catch (error) {
          // The clusters known from before are still read; a new one is found next time.
          if (!isTableError(error) || readers.size === 0 || error.code === 'NOT_FOUND') throw error;
          discoveryError = error;
        }
      }
      const errors = await readClusters(signal);
      signal.throwIfAborted();
      const wasThrottled = gateway.wasThrottledSince(startedAt);
      notes = notesOf({ errors, discoveryError, snapshots, wasThrottled, perSecond: budget.perSecond });
      const fatal = fatalOf(errors, readers.size);
      if (fatal !== undefined) throw fatal;
      if (!wasThrottled) budget.speedUp();
      const missing = wantedDefinitions();
      if (missing.length > DEFINITIONS_BEFORE_ROWS) publisher.publish(snapshots, definitions, sink);
      await definitions.load(missing, signal);
      signal.throwIfAborted();
      const moved = publisher.publish(snapshots, definitions, sink);
      tell(sink);
      return { ...moved, wasThrottled };
    },
  };
}

function identityOf(profile: string | undefined, account: string | undefined): string | undefined {
  const parts = [
    ...(profile === undefined ? [] : [`profile ${profile}`]),
    ...(account === undefined ? [] : [`account ${account}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** Each cluster has two parts; what fails for good with both parts of every cluster is the source's own failure. */
function fatalOf(errors: readonly AppError<ErrorCode>[], clusters: number): AppError<ErrorCode> | undefined {
  const passing = errors.filter(({ code }) => code !== 'FORBIDDEN');
  if (errors.length >= clusters * 2) return passing[0] ?? errors[0];
  return undefined;
}

interface NoteFacts {
  readonly errors: readonly AppError<ErrorCode>[];
  readonly discoveryError: AppError<ErrorCode> | undefined;
  readonly snapshots: ReadonlyMap<string, ClusterSnapshot>;
  readonly wasThrottled: boolean;
  readonly perSecond: number;
}
const MAX_NOTES = 8;

function notesOf({ errors, discoveryError, snapshots, wasThrottled, perSecond }: NoteFacts): string[] {
  const notes = new Set<string>();
  if (wasThrottled) notes.add(`THROTTLED: at most ${perSecond.toFixed(1)} requests a second for now`);
  if (discoveryError !== undefined) notes.add(`${discoveryError.code}: ${discoveryError.message}`);
  for (const { code, message } of errors) notes.add(`${code}: ${message}`);
  for (const snapshot of snapshots.values()) for (const note of snapshot.notes) notes.add(note);
  return [...notes].slice(0, MAX_NOTES);
}
