import type { JvmSample } from './jvm-sample.ts';
import type { Ref } from './ref.ts';
import type { ServerState, ServerType } from './server-type.ts';

/** What a Manager says of one server it lists. */
export interface Registration {
  /** Unique within the Manager: `container/serverId` or `system/node/serverId`. */
  readonly ref: Ref<'registration'>;
  readonly serverId: string;
  readonly serverName?: string | undefined;
  readonly hostName?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly type: ServerType;
  readonly isContainer: boolean;
  readonly nodeName?: string | undefined;
  readonly systemName?: string | undefined;
  readonly serviceCluster?: string | undefined;
  /** Template revision it runs, where the Manager tells. */
  readonly revision?: string | undefined;
  /** As the Manager words it (Started, Stopped, Not working …). */
  readonly status?: string | undefined;
  readonly state: ServerState;
  /** Meters of the Manager, source `manager`. */
  readonly jvm?: JvmSample | undefined;
  readonly startedAt?: number | undefined;
  readonly seenAt: number;
}

/** One complete, good read of a Manager's lists; the join counts them before it says "not registered". */
export interface ManagerRead {
  readonly ref: Ref<'managerRead'>;
  /** Number of complete good reads so far; the two latest instants, newest first. */
  readonly count: number;
  readonly recentAt: readonly number[];
  /** Types of servers these reads cover (a Manager without the web list says nothing about web servers). */
  readonly covers: readonly ServerType[];
  readonly version?: string | undefined;
  /** As managerInfo words it. */
  readonly haMode?: string | undefined;
  readonly licence?:
    | { readonly used?: number; readonly total?: number; readonly endsAt?: number }
    | undefined;
}

/** The default revision of one service cluster's template, read from the Manager's own download. */
export interface TemplateDefault {
  /** Its id is the service cluster's name. */
  readonly ref: Ref<'templateDefault'>;
  readonly serviceCluster: string;
  readonly revision: string;
  readonly seenAt: number;
}
