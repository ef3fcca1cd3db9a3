import type { Target } from '../config/target.ts';
import type { Clock } from '../core/clock.ts';
import { appError } from '../domain/errors.ts';
import type { ModeInForce } from '../domain/policy.ts';
import type { Remote } from '../domain/remote.ts';
import { readManagerKey } from './manager-key.ts';

export interface RemotesOptions {
  readonly targets: readonly Target[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** The mode each client's own lock holds to. */
  readonly modeOf: (context: string) => ModeInForce;
}

/** Opens the remote of a context; its client library is loaded only then. Rejects with an AppError. */
export type OpenRemote = (context: string) => Promise<Remote>;

export function createRemoteOpener({ targets, environment, clock, modeOf }: RemotesOptions): OpenRemote {
  const load = async (target: Target): Promise<Remote> => {
    const { name: context } = target;
    const shared = {
      context,
      clock,
      random: Math.random,
      environment,
      mode: () => modeOf(context),
    };
    switch (target.kind) {
      case 'kube': {
        const { createKubeRemote } = await import('../sources/kube/kube-remote.ts');
        const { kubeconfig, kubeContext, namespaces } = target;
        return createKubeRemote({ ...shared, kubeconfig, kubeContext, namespaces });
      }
      case 'ecs': {
        const { createEcsRemote } = await import('../sources/ecs/ecs-remote.ts');
        const { region, profile, endpoint } = target;
        return createEcsRemote({ ...shared, region, profile, endpoint });
      }
      case 'manager': {
        const { createManagerRemote } = await import('../sources/manager/manager-remote.ts');
        const { urls, basePath, key } = target;
        return createManagerRemote({
          ...shared,
          urls,
          basePath,
          key: async () => readManagerKey(key, environment),
        });
      }
      case 'hosts':
        throw appError('ACTION_IMPOSSIBLE', `${context} is a list of hosts, which have no verbs`, {
          hint: 'VM servers are started and stopped through the Manager that has them registered.',
        });
    }
  };
  return async (context) => {
    const target = targets.find(({ name }) => name === context);
    if (target === undefined) {
      throw appError('ACTION_IMPOSSIBLE', `nothing is configured to act on context ${context}`);
    }
    return await load(target);
  };
}
