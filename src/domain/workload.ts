import type { EnvironmentEntry } from './environment.ts';
import type { ContextKind, Place } from './place.ts';
import type { Ref } from './ref.ts';

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | 'Job' | 'EcsService';
export interface WorkloadName {
  readonly kind: WorkloadKind;
  readonly name: string;
}

/** A thing that keeps servers running: Deployment, StatefulSet, DaemonSet or ECS service. */
export interface Workload {
  /** kube `namespace/Kind/name`, ecs `cluster/EcsService/name`. */
  readonly ref: Ref<'workload'>;
  readonly contextKind: ContextKind;
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly place: Place;
  readonly desired: number;
  readonly ready: number;
  readonly updated?: number | undefined;
  readonly available?: number | undefined;
  readonly rollout: {
    readonly state: 'stable' | 'progressing' | 'failed' | 'paused';
    /** Rollout or task definition revision as its system names it. */
    readonly revision?: string | undefined;
    readonly message?: string | undefined;
    readonly startedAt?: number | undefined;
  };
  readonly image?: string | undefined;
  /** What a server started now would get; source of the wanted template revision. */
  readonly environment: readonly EnvironmentEntry[];
  readonly labels: Readonly<Record<string, string>>;
  /** Who else changes it, e.g. `HorizontalPodAutoscaler`, `Argo CD`, `Helm`. */
  readonly ownedBy: readonly string[];
  readonly createdAt?: number | undefined;
  readonly seenAt: number;
}
