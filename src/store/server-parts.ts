import type { TypeVerdict } from '../diagnosis/server-type-rules.ts';
import type { Instance } from '../domain/instance.ts';
import type { ProbeReading } from '../domain/probe-reading.ts';
import type { ManagerRead, Registration } from '../domain/registration.ts';
import type { Sender } from '../domain/sender.ts';
import type { Workload } from '../domain/workload.ts';

/** The records that make one server; at least one of the first three is there. */
export interface ServerParts {
  readonly instance?: Instance | undefined;
  readonly registration?: Registration | undefined;
  readonly sender?: Sender | undefined;
  /** What is read of its JVM from outside. */
  readonly probe?: ProbeReading | undefined;
  readonly workload?: Workload | undefined;
  /** When its orchestrator dropped what only a Manager still lists. */
  readonly goneSince?: number | undefined;
  /** True while the Manager that lists it is in reach. */
  readonly isManagerHeard: boolean;
  /** Last reads of the Managers that serve its context. */
  readonly reads: readonly ManagerRead[];
  readonly templateDefault: (serviceCluster: string) => string | undefined;
  readonly typeOf: (instance: Instance) => TypeVerdict | undefined;
  readonly now: number;
}
