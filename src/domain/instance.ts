import type { EnvironmentEntry } from './environment.ts';
import type { ContextKind, Place } from './place.ts';
import type { Ref } from './ref.ts';
import type { ServerState, ServerType } from './server-type.ts';
import type { WorkloadName } from './workload.ts';

export interface ContainerFacts {
  readonly name: string;
  readonly image: string;
  readonly state: 'waiting' | 'running' | 'terminated' | 'unknown';
  readonly isReady?: boolean | undefined;
  /** e.g. CrashLoopBackOff, OOMKilled. */
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly restarts?: number | undefined;
  readonly memoryLimitBytes?: number | undefined;
  /** Cores. */
  readonly cpuLimit?: number | undefined;
  readonly imagePullPolicy?: string | undefined;
  readonly lastTermination?:
    | {
        readonly reason?: string | undefined;
        readonly exitCode?: number | undefined;
        readonly at?: number | undefined;
      }
    | undefined;
}

/**
 * What an orchestrator (or the hosts list) says of one process: a pod, an ECS task, a host entry.
 * Sources put these; the join makes servers of them.
 */
export interface Instance {
  /** kube `namespace/pod`, ecs `cluster/taskId`, hosts the entry's name. */
  readonly ref: Ref<'instance'>;
  readonly contextKind: ContextKind;
  readonly name: string;
  /** Changes when a thing of the same name is a new one (pod uid, task ARN). */
  readonly uid: string;
  readonly place: Place;
  /** Names it may call itself by in a Manager or a datagram. */
  readonly hostNames: readonly string[];
  readonly addresses: readonly string[];
  /** Container or service ports it declares. */
  readonly ports: readonly number[];
  /** The containers; the first is the one taken for the server unless a rule says otherwise. */
  readonly containers: readonly ContainerFacts[];
  readonly command: readonly string[];
  readonly environment: readonly EnvironmentEntry[];
  readonly labels: Readonly<Record<string, string>>;
  /** What the log of its start says of the LENA template it downloaded, where that was read. */
  readonly templateStart?:
    | { readonly revision?: string | undefined; readonly hasFailed: boolean }
    | undefined;
  readonly workload?: WorkloadName | undefined;
  /** A type given outright (hosts entries). */
  readonly declaredType?: ServerType | undefined;
  readonly state: ServerState;
  /** Why it is in that state, as the orchestrator words it. */
  readonly stateReason?: string | undefined;
  readonly readySince?: number | undefined;
  readonly createdAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly deletingSince?: number | undefined;
  readonly gracePeriodMs?: number | undefined;
  readonly restarts?: number | undefined;
  readonly node?: string | undefined;
  /** When the source last had word of it, epoch ms. */
  readonly seenAt: number;
}
