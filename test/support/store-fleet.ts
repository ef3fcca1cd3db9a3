import type { Change } from '../../src/domain/ports.ts';
import type { Sender } from '../../src/domain/sender.ts';
import type { ContextSettings } from '../../src/store/state.ts';
import {
  configMapEnvironmentOf,
  containerOf,
  contextOf,
  instanceOf,
  jvmSampleOf,
  MIB,
  managerReadOf,
  NOW,
  putOf,
  registrationOf,
  senderOf,
  templateDefaultOf,
  workloadOf,
} from './store-entities.ts';

export interface LargeFleet {
  readonly contexts: readonly ContextSettings[];
  readonly changes: readonly Change[];
  readonly senders: readonly Sender[];
}

const PER_WORKLOAD = 20;
const SERVICE_CLUSTERS = 100;

/**
 * `servers` LENA WAS pods over four contexts, each with its sender; the first `registrations` of them known to the
 * Manager that serves all. Always the same for the same numbers.
 */
export function largeFleetOf(servers: number, registrations: number): LargeFleet {
  const kube = ['prod-eu', 'prod-us', 'dr-eu', 'edge'];
  const contexts = [
    ...kube.map((name) => contextOf(name)),
    contextOf('mgr', 'manager', { serves: kube }),
    contextOf('udp', 'udp'),
  ];
  const changes: Change[] = [putOf('managerRead', managerReadOf())];
  const senders: Sender[] = [];
  for (let number = 0; number < servers; number++) {
    const context = kube[number % kube.length] ?? 'prod-eu';
    const owner = Math.floor(number / PER_WORKLOAD);
    const workload = `lena-was-${owner}`;
    const serviceCluster = `WAS-${String(owner % SERVICE_CLUSTERS).padStart(3, '0')}`;
    const name = `${workload}-${(number * 7_919).toString(36).padStart(6, '0')}`;
    const address = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
    const environment = configMapEnvironmentOf('configmap-lena-was', {
      LENA_MANAGER_ADDRESS: 'lena-manager:7700',
      LENA_CONFIG_TEMPLATE_DOWNLOAD: 'Y',
      LENA_CONFIG_TEMPLATE_ID: `${serviceCluster}:12`,
      LENA_JVM_HEAP_SIZE: '1024m',
    });
    if (number % PER_WORKLOAD < kube.length)
      changes.push(putOf('workload', workloadOf(workload, { context, environment })));
    changes.push(
      putOf(
        'instance',
        instanceOf(name, {
          context,
          addresses: [address],
          environment,
          containers: [containerOf({ image: `registry.example/shop:${owner % 5}` })],
          workload: { kind: 'Deployment', name: workload },
          node: `node-${number % 50}`,
        }),
      ),
    );
    if (number < registrations)
      changes.push(putOf('registration', registrationOf(name, { address, serviceCluster, revision: '12' })));
    const sender = senderOf(name, {
      sourceAddress: address,
      reportedAddress: address,
      jvm: jvmSampleOf({ heap: { usedBytes: (200 + (number % 700)) * MIB, maxBytes: 1_024 * MIB } }),
    });
    senders.push(sender);
    changes.push(putOf('sender', sender));
  }
  for (let number = 0; number < SERVICE_CLUSTERS; number++)
    changes.push(putOf('templateDefault', templateDefaultOf(`WAS-${String(number).padStart(3, '0')}`, '12')));
  return { contexts, changes, senders };
}

/** The same senders heard `afterMs` later. */
export const heardAgain = (senders: readonly Sender[], afterMs: number): readonly Change[] =>
  senders.map((sender) => {
    const at = NOW + afterMs;
    return putOf('sender', {
      ...sender,
      jvm: sender.jvm === undefined ? undefined : { ...sender.jvm, at },
      heartbeat: { ...sender.heartbeat, at },
    });
  });
