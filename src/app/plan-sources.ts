import { readFileSync } from 'node:fs';
import type { ListenAddress } from '../config/listen-address.ts';
import type { Settings } from '../config/settings.ts';
import type { ManagerKeySource, Target } from '../config/target.ts';
import { systemCode } from '../core/app-error.ts';
import type { Clock } from '../core/clock.ts';
import { Secret } from '../core/secret.ts';
import { appError } from '../domain/errors.ts';
import type { Source } from '../domain/ports.ts';
import type { ConsoleStore } from '../store/state.ts';
import type { SourcePlan } from './runtime.ts';

export interface PlanOptions {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly store: ConsoleStore;
  readonly clock: Clock;
  /** Somebody watches a screen: Managers are asked every 5 s instead of every 15 s. */
  readonly isLookedAt: boolean;
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
    const { host, port, allow } = telemetry;
    plans.push({
      context: 'udp',
      async load() {
        const { createTelemetrySource } = await import('../sources/telemetry/telemetry-source.ts');
        return createTelemetrySource({
          listen: { host, port },
          allow,
          clock: options.clock,
          onBound: options.onReceiverBound,
        });
      },
    });
  }
  return plans;
}

async function loadSource(
  target: Target,
  { environment, store, clock, isLookedAt }: PlanOptions,
): Promise<Source> {
  const shared = { context: target.name, clock, random: Math.random, environment };
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
        key: async () => readKey(key, environment),
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

/** Read anew each time, so that a rotated key file is followed; trimmed, never shown. */
function readKey(
  source: ManagerKeySource | undefined,
  environment: PlanOptions['environment'],
): Secret | undefined {
  if (source === undefined || 'kube' in source) return undefined;
  const where = 'env' in source ? `the variable ${source.env}` : source.file;
  const text = 'env' in source ? environment[source.env] : firstLineOf(source.file);
  if (text !== undefined && text.trim() !== '') return new Secret(text.trim());
  throw appError('KEY_REFUSED', `The Manager key is empty: ${where} holds none`, {
    hint: 'Set it, or take manager.key out of the configuration.',
  });
}

function firstLineOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')[0];
  } catch (error) {
    throw appError(
      'KEY_REFUSED',
      `The Manager key cannot be read from ${file} (${systemCode(error) ?? 'error'})`,
      {
        cause: error,
        hint: 'Correct manager.key of the configuration, or bring the file back.',
      },
    );
  }
}
