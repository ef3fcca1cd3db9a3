import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  type ECSClientConfig,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { type Environment, readCaBundles } from '../http-ca.ts';
import type { ModeReader } from '../transport-lock.ts';
import type { EcsCalls } from './ecs-calls.ts';
import { assertEcsUnlocked } from './ecs-lock.ts';
import { exactCommand } from './exact-command.ts';
import { limitBody } from './limit-body.ts';

export interface EcsSdkOptions {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly environment: Environment;
  readonly mode: ModeReader;
}

const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 10_000;
const PAGE_SIZE = 100;
/** A full batch of the largest records is a tenth of it. */
const MAX_ANSWER_BYTES = 16 * 2 ** 20;
/** The SDK and its HTTP handler write to the console unless told otherwise. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** The only module that imports the AWS SDK; loaded by dynamic import, for targets that are configured. */
export async function createEcsSdk(options: EcsSdkOptions): Promise<EcsCalls> {
  const { environment, profile } = options;
  const ca = await readCaBundles(environment, ['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS']);
  const agentOptions = { keepAlive: true, maxSockets: 8, proxyEnv: proxyVariables(environment) };
  const httpAgent = new HttpAgent(agentOptions);
  const httpsAgent = new HttpsAgent({ ...agentOptions, ...(ca === undefined ? {} : { ca }) });
  const region = options.region ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  const endpoint = options.endpoint ?? environment['AWS_ENDPOINT_URL_ECS'] ?? environment['AWS_ENDPOINT_URL'];
  const credentials = profile === undefined ? environmentCredentials(environment) : undefined;
  const config: ECSClientConfig = {
    maxAttempts: 1,
    logger: SILENT,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      logger: SILENT,
      httpAgent,
      httpsAgent,
    },
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
  const client = new ECSClient(config);
  const regionInForce = (): Promise<string> => client.config.region();
  client.middlewareStack.add(
    (next) => async (args) => {
      // The innermost step: what passes here is signed and goes to the handler as it is.
      assertEcsUnlocked(args.request, await regionInForce(), options.mode);
      const result = await next(args);
      limitBody(result.response, MAX_ANSWER_BYTES);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'lockAndLimit' },
  );
  return {
    async listClusters(nextToken, abortSignal) {
      const answer = await client.send(new ListClustersCommand({ maxResults: PAGE_SIZE, nextToken }), {
        abortSignal,
      });
      return { arns: answer.clusterArns ?? [], nextToken: answer.nextToken };
    },
    async describeClusters(clusters, abortSignal) {
      const answer = await client.send(new DescribeClustersCommand({ clusters: [...clusters] }), {
        abortSignal,
      });
      return { records: answer.clusters ?? [], failures: answer.failures ?? [] };
    },
    async listServices({ cluster, nextToken }, abortSignal) {
      const answer = await client.send(
        new ListServicesCommand({ cluster, nextToken, maxResults: PAGE_SIZE }),
        { abortSignal },
      );
      return { arns: answer.serviceArns ?? [], nextToken: answer.nextToken };
    },
    async describeServices(cluster, services, abortSignal) {
      const answer = await client.send(
        new DescribeServicesCommand({ cluster, services: [...services], include: ['TAGS'] }),
        { abortSignal },
      );
      return { records: answer.services ?? [], failures: answer.failures ?? [] };
    },
    async listTasks({ cluster, nextToken, desiredStatus }, abortSignal) {
      const answer = await client.send(
        new ListTasksCommand({ cluster, nextToken, desiredStatus, maxResults: PAGE_SIZE }),
        { abortSignal },
      );
      return { arns: answer.taskArns ?? [], nextToken: answer.nextToken };
    },
    async describeTasks(cluster, tasks, abortSignal) {
      const answer = await client.send(
        new DescribeTasksCommand({ cluster, tasks: [...tasks], include: ['TAGS'] }),
        { abortSignal },
      );
      return { records: answer.tasks ?? [], failures: answer.failures ?? [] };
    },
    async describeTaskDefinition(taskDefinition, abortSignal) {
      const answer = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }), {
        abortSignal,
      });
      return answer.taskDefinition;
    },
    async exact(request, abortSignal) {
      const { command, answer } = exactCommand(request, MAX_ANSWER_BYTES);
      await client.send(command, { abortSignal });
      return answer();
    },
    region: regionInForce,
    async credentials() {
      const found = await client.config.credentials();
      return { accountId: found.accountId, endsAt: found.expiration?.getTime() };
    },
    close() {
      client.destroy();
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

/** Credentials given in the environment itself; anything else is left to the SDK's own chain. */
function environmentCredentials(environment: Environment) {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  if (!accessKeyId || !secretAccessKey || environment['AWS_PROFILE']) return undefined;
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** Node's agent tunnels HTTPS and forwards HTTP by these, NO_PROXY included. */
function proxyVariables(environment: Environment): Record<string, string> {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}
