import { withDeadline } from '../../core/deadline.ts';
import type { CallRequest, EcsCall, JsonObject, JsonValue, Sent } from '../../domain/call.ts';
import { appError, type ErrorCode, sourceFailure } from '../../domain/errors.ts';
import type { EcsRemote } from '../../domain/remote.ts';
import { maskUrl } from '../../domain/secret-name.ts';
import { untilAborted } from '../poll-wait.ts';
import { assertUnlocked, unclassified } from '../transport-lock.ts';
import { budgetKey, type EcsBudget, processBudgets } from './ecs-budget.ts';
import { toEcsError } from './ecs-errors.ts';
import { createEcsGateway, type EcsGateway } from './ecs-gateway.ts';
import { effectOfEcsOperation } from './ecs-lock.ts';
import type { EcsConnectionOptions } from './ecs-source.ts';
import { createTaskExec } from './exec/task-exec.ts';
import { outcomeOfError } from './write-outcome.ts';

const SETUP_TIMEOUT_MS = 10_000;
const WRITE_TIMEOUT_MS = 15_000;

const NEW_CREDENTIALS_HELP: ReadonlySet<string> = new Set([
  'UNAUTHORIZED',
  'CREDENTIALS_MISSING',
  'NEEDS_LOGIN',
  'REGION_MISSING',
] satisfies ErrorCode[]);

interface Connection {
  readonly gateway: EcsGateway;
  readonly region: string;
  send(call: EcsCall, onLeave: () => void, signal: AbortSignal): Promise<JsonObject>;
  close(): void;
}

/** What actions may ask of one region of one account. Reads are repeated where throttled, writes never. */
export async function createEcsRemote(options: EcsConnectionOptions): Promise<EcsRemote> {
  const { context, profile } = options;
  let account: string | undefined;
  let connecting: Promise<Connection> | undefined;

  const connect = (signal: AbortSignal): Promise<Connection> => {
    connecting ??= openConnection(options, () => account);
    return untilAborted(connecting, AbortSignal.any([signal, AbortSignal.timeout(SETUP_TIMEOUT_MS)]));
  };
  /** Credentials that were not taken are read anew by the next call; the SDK would keep them. */
  const reconnectAfter = (code: string) => {
    if (!NEW_CREDENTIALS_HELP.has(code)) return;
    void connecting?.then(
      (connection) => connection.close(),
      () => undefined,
    );
    connecting = undefined;
  };
  const learn = (answer: JsonObject): JsonObject => {
    account ??= accountIn(answer);
    return answer;
  };

  const read = async (operation: string, input: JsonObject, signal: AbortSignal): Promise<JsonObject> => {
    if (effectOfEcsOperation(operation) !== 'observe')
      throw appError('TRANSPORT_LOCKED', `${operation} is no read of ECS`);
    try {
      const { gateway } = await connect(signal);
      return learn(
        await gateway.call(operation, (calls, inner) => calls.exact({ operation, input }, inner), signal),
      );
    } catch (thrown) {
      const error = toEcsError(thrown, `${operation} on ECS of ${context}`);
      reconnectAfter(error.code);
      throw error;
    }
  };

  /** Where it was throttled it is asked again, a session is not had twice by that. */
  const execute = async (input: JsonObject, signal: AbortSignal): Promise<JsonObject> => {
    const operation = 'ExecuteCommand';
    try {
      const { gateway } = await connect(signal);
      return learn(
        await gateway.call(operation, (calls, inner) => calls.exact({ operation, input }, inner), signal),
      );
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      const error = toEcsError(thrown, `${operation} on ECS of ${context}`);
      reconnectAfter(error.code);
      throw error;
    }
  };
  const tasks = createTaskExec({ ...options, read, execute });

  return {
    kind: 'ecs',
    context,
    async identity(signal) {
      try {
        if (account === undefined) await read('ListClusters', { maxResults: 1 }, signal);
      } catch {
        // Without the right to list, the profile is all that is known.
      }
      const parts = [
        ...(profile === undefined ? [] : [`profile ${profile}`]),
        ...(account === undefined ? [] : [`account ${account}`]),
      ];
      return parts.length === 0 ? undefined : parts.join(', ');
    },
    async send(request: CallRequest, signal): Promise<Sent> {
      if (request.system !== 'ecs') {
        const words = `A ${request.system} request cannot be sent to ECS of ${context}`;
        return { outcome: 'notSent', error: sourceFailure('ACTION_IMPOSSIBLE', words) };
      }
      let what = `${request.operation} on ECS of ${context}`;
      let hasLeft = false;
      try {
        if (request.operation === 'ExecuteCommand') {
          assertUnlocked(what, 'change', options.mode());
          // Its answer is the token of a shell, which belongs into no record.
          throw unclassified(what, 'it is no call by itself, exec alone asks for it');
        }
        const connection = await connect(signal);
        what = `${request.operation} on ECS ${connection.region}`;
        const onLeave = () => {
          hasLeft = true;
        };
        return { outcome: 'done', answer: learn(await connection.send(request, onLeave, signal)) };
      } catch (thrown) {
        const sent = outcomeOfError(thrown, { what, hasLeft });
        if (sent.outcome !== 'done') reconnectAfter(sent.error.code);
        return sent;
      }
    },
    dryRun: async () => undefined,
    read,
    execObstacle: tasks.obstacle,
    exec: tasks.exec,
    stream: tasks.stream,
    async close() {
      await tasks.close();
      const connection = await connecting?.catch(() => undefined);
      connecting = undefined;
      connection?.close();
    },
  };
}

async function openConnection(
  options: EcsConnectionOptions,
  accountNow: () => string | undefined,
): Promise<Connection> {
  const {
    clock,
    random,
    profile,
    endpoint,
    environment,
    budgets = processBudgets,
    timeoutMs = 10_000,
  } = options;
  const { createEcsSdk } = await import('./ecs-sdk.ts');
  const calls = await createEcsSdk(options);
  const region = await calls.region();
  const keyId = environment['AWS_ACCESS_KEY_ID'];
  const budget = (): EcsBudget =>
    budgets.of(budgetKey({ endpoint, region, account: accountNow(), credentials: profile ?? keyId }), clock);
  const where = endpoint === undefined ? region : `${region} at ${maskUrl(endpoint)}`;
  const target = `ECS ${where}${profile === undefined ? '' : `, profile ${profile}`}`;
  return {
    gateway: createEcsGateway({ calls, clock, random, timeoutMs, target, budget }),
    region: where,
    async send({ operation, input }, onLeave, signal) {
      await budget().take(signal);
      signal.throwIfAborted();
      const deadline = withDeadline(signal, WRITE_TIMEOUT_MS);
      return untilAborted(calls.exact({ operation, input, onLeave }, deadline), deadline);
    },
    close: () => calls.close(),
  };
}

/** The account of the first ARN in an answer. */
function accountIn(value: JsonValue): string | undefined {
  const found = /"arn:[a-z-]+:ecs:[a-z0-9-]+:(\d{12}):/.exec(JSON.stringify(value));
  return found?.[1];
}
