import type { Clock } from '../../core/clock.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import type { ModeInForce } from '../../domain/policy.ts';
import { KubeConnection } from './kube-connection.ts';
import { KUBE_LIMITS, type KubeLimits } from './kube-limits.ts';
import type { Environment } from './kubeconfig.ts';

export interface KubeSourceOptions {
  /** Our name of the context. */
  readonly context: string;
  /** Kubeconfig file or files; @default KUBECONFIG, ~/.kube/config, or the pod's own service account. */
  readonly kubeconfig?: string | readonly string[] | undefined;
  /** Name inside the kubeconfig; @default its current context. */
  readonly kubeContext?: string | undefined;
  /** Only these namespaces; @default all, or the kubeconfig's where listing all is forbidden. */
  readonly namespaces?: readonly string[] | undefined;
  /** What is in force now: nothing it does not allow leaves. */
  readonly mode: () => ModeInForce;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** HOME, KUBECONFIG, HTTPS_PROXY, NO_PROXY …, and what credential plugins inherit. */
  readonly environment: Environment;
  /** Authorities to trust beside the kubeconfig's or the system's, PEM. */
  readonly caPem?: string | undefined;
  readonly limits?: Partial<KubeLimits> | undefined;
}

/** A connection of its own, with a request budget of its own. */
export function openConnection(options: KubeSourceOptions): KubeConnection {
  const { kubeconfig, kubeContext, environment, caPem, clock, mode } = options;
  const limits = { ...KUBE_LIMITS, ...options.limits };
  const budget = new TokenBucket({ clock, burst: limits.requestBurst, perSecond: limits.requestsPerSecond });
  return new KubeConnection({ kubeconfig, kubeContext, environment, caPem, clock, limits, budget, mode });
}
