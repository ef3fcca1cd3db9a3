import { createEcsSimulator } from '../../fixtures/fleet/ecs/ecs-simulator.ts';
import { ProcessTable } from '../../fixtures/fleet/process.ts';
import { systemClock } from '../../src/core/clock.ts';
import { EcsBudgets } from '../../src/sources/ecs/ecs-budget.ts';
import { createEcsSource, type EcsSourceOptions } from '../../src/sources/ecs/ecs-source.ts';

const QUICK = {
  provisioningMs: 10,
  pendingMs: 10,
  activatingMs: 10,
  readyMs: 10,
  deactivatingMs: 10,
  stoppingMs: 10,
  deprovisioningMs: 10,
  schedulerMs: 10,
  restartMs: 200,
};

/** A region with one cluster `lena-a` and one service `lena-was` of two tasks. */
export async function startEcs() {
  const simulator = createEcsSimulator({
    name: 'ecs',
    processes: new ProcessTable(),
    contextName: 'seoul',
    delays: QUICK,
  });
  await simulator.listen();
  simulator.addCluster('lena-a');
  const register = (image: string) =>
    simulator.registerTaskDefinition({
      family: 'lena-was',
      cpu: '512',
      memoryMiB: 2048,
      containers: [
        {
          name: 'was',
          image,
          port: 8180,
          environment: { LENA_SERVER_TYPE: 'was', LENA_CONFIG_TEMPLATE_ID: 'shop:3', DB_PASSWORD: 'hunter2' },
          secrets: { LENA_MANAGER_KEY: 'arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:key' },
        },
      ],
    });
  const taskDefinition = register('lenacloud/lena-cluster:1.3.2');
  simulator.createService({ cluster: 'lena-a', name: 'lena-was', taskDefinition, desiredCount: 2 });
  return { simulator, register };
}
export type StartedEcs = Awaited<ReturnType<typeof startEcs>>;

/** A source of that region with quick pauses and its own budget. */
export function ecsSource(
  { simulator }: Pick<StartedEcs, 'simulator'>,
  options: Partial<EcsSourceOptions> = {},
) {
  return createEcsSource({
    context: 'seoul',
    region: simulator.region,
    endpoint: simulator.endpoint,
    clusters: ['lena-*'],
    clock: systemClock,
    mode: () => ({ mode: 'normal', origin: 'the test' }),
    random: Math.random,
    environment: {
      AWS_ACCESS_KEY_ID: simulator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.secretAccessKey,
    },
    timeoutMs: 1_500,
    pauses: { deployingMs: 60, activeMs: 80, idleMs: 100 },
    budgets: new EcsBudgets(),
    ...options,
  });
}
