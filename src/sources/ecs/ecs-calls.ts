import type { JsonObject } from '../../domain/call.ts';

/** One page of ARNs. */
export interface ArnPage {
  readonly arns: readonly string[];
  readonly nextToken?: string | undefined;
}
/** What a Describe call did not give, and why (`MISSING` …). */
export interface DescribeAnswer {
  /** Records as they came; a schema reads them (ecs-records.ts). */
  readonly records: readonly unknown[];
  readonly failures: readonly unknown[];
}
export interface PageRequest {
  readonly cluster: string;
  readonly nextToken?: string | undefined;
}

/** One operation as the API writes it, for what acts. */
export interface ExactRequest {
  /** As the API names it, e.g. `UpdateService`. */
  readonly operation: string;
  /** Sent as it stands, members the SDK does not know included. */
  readonly input: JsonObject;
  /** Called when the lock has let the request pass: from then on it may have been carried out. */
  readonly onLeave?: (() => void) | undefined;
}

/** What is asked of ECS. Each call is one request: the SDK does not retry. */
export interface EcsCalls {
  listClusters(nextToken: string | undefined, signal: AbortSignal): Promise<ArnPage>;
  describeClusters(clusters: readonly string[], signal: AbortSignal): Promise<DescribeAnswer>;
  listServices(request: PageRequest, signal: AbortSignal): Promise<ArnPage>;
  describeServices(
    cluster: string,
    services: readonly string[],
    signal: AbortSignal,
  ): Promise<DescribeAnswer>;
  listTasks(
    request: PageRequest & { readonly desiredStatus: 'RUNNING' | 'STOPPED' },
    signal: AbortSignal,
  ): Promise<ArnPage>;
  describeTasks(cluster: string, tasks: readonly string[], signal: AbortSignal): Promise<DescribeAnswer>;
  /** The task definition as it came. */
  describeTaskDefinition(arn: string, signal: AbortSignal): Promise<unknown>;
  /** The answer as it came: instants are epoch seconds. */
  exact(request: ExactRequest, signal: AbortSignal): Promise<JsonObject>;
  /** Region by the options, the environment or the profile; rejects where there is none. */
  region(): Promise<string>;
  /** Account and end of the credentials, where they say. */
  credentials(): Promise<{ readonly accountId?: string | undefined; readonly endsAt?: number | undefined }>;
  close(): void;
}
