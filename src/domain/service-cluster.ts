import type { HealthLevel } from './health.ts';
import type { Ref } from './ref.ts';

/** LENA's own grouping of servers, across contexts. */
export interface ServiceCluster {
  /** Its context is the Manager's, or the servers' where no Manager is known; its id is the name. */
  readonly ref: Ref<'serviceCluster'>;
  readonly name: string;
  readonly contexts: readonly string[];
  readonly servers: number;
  readonly ready: number;
  readonly health: HealthLevel;
  /** Running template revisions and how many servers run each; `undefined` as key is `n/a`. */
  readonly running: readonly { readonly revision: string | undefined; readonly servers: number }[];
  readonly wanted: readonly string[];
  readonly default?: string | undefined;
  readonly tps?: number | undefined;
}
