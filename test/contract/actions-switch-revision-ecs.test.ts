import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EcsTaskDefinition } from '../../fixtures/fleet/simulator.ts';
import { systemClock } from '../../src/core/clock.ts';
import { inLanguage } from '../../src/domain/text.ts';
import { EcsBudgets } from '../../src/sources/ecs/ecs-budget.ts';
import { createEcsRemote } from '../../src/sources/ecs/ecs-remote.ts';
import { createEcsSource } from '../../src/sources/ecs/ecs-source.ts';
import { startSwitchConsole } from '../support/actions-switch.ts';
import { startEcs } from '../support/fleet-ecs.ts';
import { inMode } from '../support/modes.ts';

const container = (name: string, environment: Readonly<Record<string, string>>, port: number) => ({
  name,
  image: 'lenacloud/lena-cluster:1.3.2.10',
  port,
  environment: { LENA_CONFIG_TEMPLATE_DOWNLOAD: 'Y', LENA_MANAGER_KEY: 'EXAMPLE-KEY', ...environment },
});
type Containers = EcsTaskDefinition['containers'];

async function start(context: TestContext, containers: Containers) {
  const { simulator, close } = await startEcs();
  context.after(close);
  simulator.registerTaskDefinition({ family: 'was', cpu: '1024', memoryMiB: 2_048, containers });
  simulator.createService({
    cluster: 'prod',
    name: 'was',
    taskDefinition: 'was:1',
    desiredCount: 2,
    runningSince: Date.now() - 60_000,
  });
  const shared = {
    context: 'dev',
    region: simulator.region,
    endpoint: simulator.endpoint,
    clock: systemClock,
    random: () => 0.5,
    environment: {
      AWS_ACCESS_KEY_ID: simulator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.secretAccessKey,
    },
    mode: inMode(),
  };
  const source = createEcsSource({
    ...shared,
    clusters: ['prod'],
    budgets: new EcsBudgets(),
    pauses: { deployingMs: 200, activeMs: 200, idleMs: 200 },
  });
  const acting = await startSwitchConsole(context, {
    kind: 'ecs',
    source,
    remote: () => createEcsRemote({ ...shared, budgets: new EcsBudgets() }),
  });
  const writes = () =>
    simulator.requests
      .map(({ path, status }) => `${path.slice(1)} ${status}`)
      .filter((line) => !/^(List|Describe)/.test(line));
  return { ...acting, simulator, writes };
}

test('registers the task definition with every container changed and deploys what was registered', async (context) => {
  const fleet = await start(context, [
    container('was', { LENA_CONFIG_TEMPLATE_ID: 'shop:1' }, 8180),
    container('web', { LENA_CONFIG_TEMPLATE_ID: 'shop:1' }, 7180),
  ]);
  const { ref } = await fleet.workload('was');
  const prepared = await fleet.prepare(ref, '3');
  const { plan } = prepared;
  assert.deepEqual(
    plan.diff.slice(0, 2).map(({ title, lines }) => [title.split(', ')[1], ...lines]),
    [
      ['container was', '-LENA_CONFIG_TEMPLATE_ID: shop:1', '+LENA_CONFIG_TEMPLATE_ID: shop:3'],
      ['container web', '-LENA_CONFIG_TEMPLATE_ID: shop:1', '+LENA_CONFIG_TEMPLATE_ID: shop:3'],
    ],
  );
  assert.match(plan.diff[2]?.title ?? '', /^Template shop 1 → 3/);
  assert.doesNotMatch(JSON.stringify(plan), /EXAMPLE-KEY/);
  const job = await fleet.run(prepared);
  assert.equal(job.state, 'done', JSON.stringify(job.targets));
  assert.deepEqual(fleet.writes(), ['RegisterTaskDefinition 200', 'UpdateService 200']);
  assert.match(
    inLanguage(job.targets[0]?.detail ?? '', 'en'),
    /Way back: l9s switch-revision dev:prod\/EcsService\/was --to 1/,
  );
  const running = fleet.simulator.tasks('prod').filter(({ lastStatus }) => lastStatus === 'RUNNING');
  assert.equal(running.length, 2);
  assert.ok(running.every(({ taskDefinition }) => taskDefinition.endsWith('was:2')));
});

test('of two operators the second gets a conflict and registers nothing', async (context) => {
  const fleet = await start(context, [container('was', { LENA_CONFIG_TEMPLATE_ID: 'shop:1' }, 8180)]);
  const { ref } = await fleet.workload('was');
  const prepared = await fleet.prepare(ref, '3');
  fleet.simulator.updateService({ cluster: 'prod', name: 'was', forceNewDeployment: true });
  const job = await fleet.run(prepared);
  assert.equal(job.targets[0]?.error?.code, 'CONFLICT', JSON.stringify(job.targets));
  assert.deepEqual(fleet.writes(), []);
});

test('refuses a template id that comes from a secret, and a container that downloads none', async (context) => {
  const secret = {
    ...container('was', {}, 8180),
    secrets: { LENA_CONFIG_TEMPLATE_ID: 'arn:aws:ssm:ap-northeast-2:123456789012:parameter/lena/id' },
  };
  const fromSecret = await start(context, [secret]);
  await assert.rejects(
    fromSecret.prepare((await fromSecret.workload('was')).ref, '3'),
    /comes from secret|gets LENA_CONFIG_TEMPLATE_ID from secret/,
  );
  const kept = await start(context, [
    container('was', { LENA_CONFIG_TEMPLATE_ID: 'shop:1', LENA_CONFIG_TEMPLATE_DOWNLOAD: 'N' }, 8180),
  ]);
  await assert.rejects(
    kept.prepare((await kept.workload('was')).ref, '3'),
    /LENA_CONFIG_TEMPLATE_DOWNLOAD is N/,
  );
  assert.deepEqual([...fromSecret.writes(), ...kept.writes()], []);
});
