import type { EnvironmentEntry } from './environment.ts';
import type { Health } from './health.ts';
import type { ContainerFacts } from './instance.ts';
import type { Heartbeat, JvmSample } from './jvm-sample.ts';
import type { ContextKind, Place } from './place.ts';
import type { Ref } from './ref.ts';
import type { ServerState, ServerType } from './server-type.ts';
import type { WorkloadName } from './workload.ts';

/** Template revisions of a server; each absent where not known. */
export interface TemplateRevisions {
  /** What it started with. */
  readonly running?: string | undefined;
  /** What it would start with now, by its workload. */
  readonly wanted?: string | undefined;
  /** What the Manager gives when none is named. */
  readonly default?: string | undefined;
}

/** One middleware process: the joined row. */
export interface Server {
  readonly ref: Ref<'server'>;
  readonly name: string;
  readonly type: ServerType | 'unknown';
  /** Which rule gave the type. */
  readonly typeReason: string;
  readonly contextKind: ContextKind;
  readonly place?: Place | undefined;
  readonly workload?: WorkloadName | undefined;
  readonly serviceCluster?: string | undefined;
  readonly revision: TemplateRevisions;
  readonly state: ServerState;
  readonly stateReason?: string | undefined;
  readonly health: Health;
  readonly manager?:
    | {
        readonly context: string;
        readonly registered: boolean;
        readonly status?: string | undefined;
      }
    | undefined;
  readonly jvm?: JvmSample | undefined;
  readonly heartbeat?: Heartbeat | undefined;
  readonly counters?: Readonly<Record<string, string | number | boolean | readonly number[]>> | undefined;
  readonly restarts?: number | undefined;
  readonly createdAt?: number | undefined;
  readonly startedAt?: number | undefined;
  /** Newest word of its orchestrator, Manager or hosts probe, epoch ms. */
  readonly seenAt: number;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly node?: string | undefined;
  readonly image?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: readonly EnvironmentEntry[];
  readonly containers: readonly ContainerFacts[];
  readonly records: {
    readonly instance?: Ref<'instance'> | undefined;
    readonly registration?: Ref<'registration'> | undefined;
    readonly sender?: Ref<'sender'> | undefined;
    readonly probe?: Ref<'probe'> | undefined;
  };
}

/**
 * False for an orchestrator's object that no rule knows and nobody speaks for: a cluster runs much that is no
 * middleware, and a list of servers is not the place for it.
 */
export const isMiddleware = ({ type, records }: Server): boolean =>
  type !== 'unknown' ||
  records.instance === undefined ||
  records.sender !== undefined ||
  records.registration !== undefined;
