import type { ListenAddress } from '../config/listen-address.ts';
import type { Settings } from '../config/settings.ts';
import type { Target } from '../config/target.ts';
import type { Clock } from '../core/clock.ts';
import type { PortCompanion } from '../domain/port-companion.ts';
import type { Source } from '../domain/ports.ts';
import type { ConsoleStore } from '../store/state.ts';
import { planAttach } from './attach-plans.ts';
import { readManagerKey } from './manager-key.ts';
import { consoleRelay } from './relay-options.ts';
import type { SourcePlan } from './runtime.ts';

export interface PlanOptions {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly store: ConsoleStore;
  readonly clock: Clock;
  /** Somebody watches a screen: Managers are asked every 5 s instead of every 15 s. */
  readonly isLookedAt: boolean;
  /** What is simulated is nobody else's to read along with. */
  readonly isDemo: boolean;
  /** Version of l9s: told to those who read along. */
  readonly version: string;
  /** File of the program that receives datagrams on a thread of its own. @default received on this thread */
  readonly receiverProgram?: string | undefined;
  /** What lives on the receiver's port by TCP. @default nothing */
  readonly companion?: (() => Promise<PortCompanion>) | undefined;
  /** Called with the real address once datagrams can be received. */
  readonly onReceiverBound: (address: ListenAddress) => void;
}

/** One plan a target; a client library is imported only when its plan is loaded. */
export function planSources(options: PlanOptions): readonly SourcePlan[] {
  const plans: SourcePlan[] = options.settings.targets.map((target) => ({
    context: target.name,
    load: () => loadSource(target, options),
  }));
  const { telemetry } = options.settings;
  if (telemetry !== undefined) {
    const { host, port, allow, forward } = telemetry;
    const { environment, version: program, store } = options;
    plans.push({
      context: 'udp',
      async load() {
        const { createTelemetrySource } = await import('../sources/telemetry/telemetry-source.ts');
        return createTelemetrySource({
          listen: { host, port },
          allow,
          forward,
          relay: options.isDemo
            ? undefined
            : consoleRelay({ environment, program, stock: store.stock('udp') }),
          receiverProgram: options.receiverProgram,
          companion: await options.companion?.(),
          clock: options.clock,
          onBound: options.onReceiverBound,
        });
      },
    });
  }
  return [...plans, ...planAttach(options)];
}

async function loadSource(
  target: Target,
  { settings, environment, store, clock, isLookedAt }: PlanOptions,
): Promise<Source> {
  const { mode, modeOrigin } = settings.policy;
  const inForce = { mode, origin: modeOrigin };
  const shared = { context: target.name, clock, random: Math.random, environment, mode: () => inForce };
  switch (target.kind) {
    case 'kube': {
      const { createKubeSource } = await import('../sources/kube/kube-source.ts');
      const { kubeconfig, kubeContext, namespaces } = target;
      return createKubeSource({ ...shared, kubeconfig, kubeContext, namespaces });
    }
    case 'ecs': {
      const { createEcsSource } = await import('../sources/ecs/ecs-source.ts');
      const { region, profile, clusters, endpoint } = target;
      return createEcsSource({ ...shared, region, profile, clusters, endpoint });
    }
    case 'manager': {
      const { createManagerSource } = await import('../sources/manager/manager-source.ts');
      const { urls, basePath, serves, key } = target;
      return createManagerSource({
        ...shared,
        urls,
        basePath,
        serves,
        key: async () => readManagerKey(key, environment),
        serviceClusters: () => store.serviceClustersOf(serves),
        isLookedAt: () => isLookedAt,
      });
    }
    case 'hosts': {
      const { createHostsSource } = await import('../sources/hosts/hosts-source.ts');
      return createHostsSource({ ...shared, servers: target.servers });
    }
  }
}
