import { ECSClient, type ECSClientConfig } from '@aws-sdk/client-ecs';
import { createEcsSimulator, type EcsSimulatorOptions } from '../../fixtures/fleet/ecs/ecs-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import { createRandom } from '../../fixtures/fleet/random.ts';
import type { EcsSimulator, EcsTaskDefinition } from '../../fixtures/fleet/simulator.ts';

/** Every step in a few milliseconds. */
export const QUICK = {
  provisioningMs: 15,
  pendingMs: 15,
  activatingMs: 10,
  readyMs: 20,
  deactivatingMs: 10,
  stoppingMs: 15,
  deprovisioningMs: 15,
  schedulerMs: 5,
  restartMs: 10,
} as const;

export const WAS_DEFINITION: EcsTaskDefinition = {
  family: 'lena-was',
  cpu: '1024',
  memoryMiB: 2_048,
  containers: [
    {
      name: 'lena-was',
      image: 'lenacloud/lena-cluster:1.3.2.10',
      port: 8180,
      environment: { LENA_CONFIG_TEMPLATE_ID: 'SHOP:2', LENA_JVM_HEAP_SIZE: '1024m' },
      secrets: { LENA_CONTRACT_CODE: 'arn:aws:ssm:ap-northeast-2:123456789012:parameter/lena/contract' },
    },
  ],
};

export interface EcsSetup {
  readonly simulator: EcsSimulator;
  readonly processes: ProcessTable;
  client(overrides?: Partial<ECSClientConfig>): ECSClient;
  close(): Promise<void>;
}

/** A simulator with cluster `prod` and task definition `lena-was:1`, listening. */
export async function startEcs(options: Partial<EcsSimulatorOptions> = {}): Promise<EcsSetup> {
  const processes = new ProcessTable();
  const random = createRandom(7);
  const simulator = createEcsSimulator({
    name: 'ecs',
    processes,
    contextName: 'seoul',
    random: () => random.next(),
    delays: QUICK,
    ...options,
  });
  simulator.addCluster('prod');
  simulator.registerTaskDefinition(WAS_DEFINITION);
  await simulator.listen();
  const clients: ECSClient[] = [];
  return {
    simulator,
    processes,
    client(overrides = {}) {
      const client = new ECSClient({
        region: simulator.region,
        endpoint: simulator.endpoint,
        credentials: {
          accessKeyId: simulator.accessKeyId,
          secretAccessKey: simulator.secretAccessKey,
        },
        maxAttempts: 1,
        ...overrides,
      });
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      await simulator.close();
    },
  };
}
