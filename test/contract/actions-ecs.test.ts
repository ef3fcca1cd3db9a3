import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { EcsSimulatorOptions } from '../../fixtures/fleet/ecs/ecs-simulator.ts';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { inLanguage } from '../../src/domain/text.ts';
import { EcsBudgets } from '../../src/sources/ecs/ecs-budget.ts';
import { createEcsRemote } from '../../src/sources/ecs/ecs-remote.ts';
import { createEcsSource } from '../../src/sources/ecs/ecs-source.ts';
import { type Acting, startActingOn } from '../support/acting-on.ts';
import { startEcs, WAS_DEFINITION } from '../support/fleet-ecs.ts';
import { waitFor } from '../support/fleet-wait.ts';
import { inMode } from '../support/modes.ts';

const code = (wanted: string, words?: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof AppError);
  assert.equal(thrown.code, wanted, thrown.message);
  if (words !== undefined) assert.match(thrown.message, words);
  return true;
};

/** Service `lena-was` of three tasks in cluster `prod`; definition 2 is current, 1 was before. */
async function actOnEcs(
  context: TestContext,
  { mode = 'normal', ...options }: Partial<EcsSimulatorOptions> & { readonly mode?: Mode } = {},
) {
  const { simulator, close } = await startEcs(options);
  context.after(close);
  const [container] = WAS_DEFINITION.containers;
  assert.ok(container !== undefined);
  simulator.registerTaskDefinition({
    ...WAS_DEFINITION,
    containers: [
      {
        ...container,
        image: 'lenacloud/lena-cluster:1.3.2.11',
        environment: { ...container.environment, LENA_CONFIG_TEMPLATE_ID: 'SHOP:3', DB_PASSWORD: 'hunter2' },
      },
    ],
  });
  simulator.createService({
    cluster: 'prod',
    name: 'lena-was',
    taskDefinition: 'lena-was:2',
    desiredCount: 3,
    runningSince: Date.now() - 60_000,
  });
  const shared = {
    context: 'seoul',
    region: simulator.region,
    endpoint: simulator.endpoint,
    clock: systemClock,
    random: () => 0.5,
    environment: {
      AWS_ACCESS_KEY_ID: simulator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.secretAccessKey,
    },
    mode: inMode(mode),
    budgets: new EcsBudgets(),
  };
  const source = createEcsSource({
    ...shared,
    clusters: ['prod'],
    budgets: new EcsBudgets(),
    pauses: { deployingMs: 200, activeMs: 200, idleMs: 200 },
  });
  const acting = startActingOn(
    context,
    [{ name: 'seoul', kind: 'ecs', source, remote: () => createEcsRemote(shared) }],
    { mode },
  );
  const service = async () => (await acting.workload('lena-was')).ref;
  const writes = () =>
    simulator.requests
      .map(({ path, status }) => `${path.slice(1)} ${status}`)
      .filter((line) => !/^(List|Describe)/.test(line));
  const running = () =>
    simulator
      .tasks('prod')
      .filter(({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING');
  return { simulator, acting, service, writes, running };
}
const warningsOf = (prepared: Awaited<ReturnType<Acting['prepare']>>) =>
  prepared.plan.warnings.map(({ code: name }) => name);

test('restarts a service by a new deployment and waits for its tasks', async (context) => {
  const { acting, service, writes, running } = await actOnEcs(context);
  const before = running().map(({ taskId }) => taskId);
  const prepared = await acting.prepare('rolling-restart', [await service()]);
  assert.equal(prepared.verdict.state, 'allowed');
  const job = await acting.run(prepared);
  assert.equal(job.state, 'done', JSON.stringify(job.targets));
  assert.deepEqual(writes(), ['UpdateService 200']);
  assert.equal(running().length, 3);
  assert.ok(running().every(({ taskId }) => !before.includes(taskId)));
  assert.equal(job.targets[0]?.parts?.filter(({ state }) => state === 'done').length, 3);
});

test('scales a service, and says what cannot be seen', async (context) => {
  const { acting, service, running } = await actOnEcs(context);
  const prepared = await acting.prepare('scale', [await service()], { replicas: '5' });
  assert.ok(warningsOf(prepared).includes('autoscaler-unknown'));
  assert.deepEqual(prepared.plan.diff[0]?.lines, ['- desiredCount: 3', '+ desiredCount: 5']);
  assert.equal((await acting.run(prepared)).state, 'done');
  assert.equal(running().length, 5);
  assert.equal((await acting.act('scale', [await service()], { replicas: '1' })).state, 'done');
  assert.equal(running().length, 1);
  const toZero = await acting.prepare('scale', [await service()], { replicas: '0' });
  assert.ok(toZero.verdict.state === 'allowed' && toZero.verdict.confirm === 'type-name');
});

test('goes back to an earlier task definition, with the difference masked', async (context) => {
  const { acting, service, running } = await actOnEcs(context);
  const ref = await service();
  const order = { action: acting.action('rollback'), targets: [ref], input: {} };
  const options = await acting.executor.options(order, 'revision', AbortSignal.timeout(10_000));
  assert.deepEqual(
    options.map(({ value }) => value),
    ['lena-was:2', 'lena-was:1'],
  );
  assert.match(inLanguage(options[0]?.detail ?? '', 'en'), /1\.3\.2\.11 · SHOP:\d+ · now/);
  const prepared = await acting.prepare('rollback', [ref], { revision: 'lena-was:1' });
  const lines = prepared.plan.diff.flatMap(({ lines: each }) => each).join('\n');
  assert.match(lines, /- .*image: lenacloud\/lena-cluster:1\.3\.2\.11/);
  assert.match(lines, /\+ .*image: lenacloud\/lena-cluster:1\.3\.2\.10/);
  assert.match(lines, /SHOP:3/);
  assert.match(lines, /DB_PASSWORD.*\*\*\*/);
  assert.doesNotMatch(JSON.stringify(prepared.plan), /hunter2/);
  const job = await acting.run(prepared);
  assert.equal(job.state, 'done', JSON.stringify(job.targets));
  assert.ok(running().every(({ taskDefinition }) => taskDefinition.endsWith(':1')));
});

test('refuses a revision that is current, missing, deregistered or no revision', async (context) => {
  const { acting, service, simulator, writes } = await actOnEcs(context);
  const ref = await service();
  const plan = (revision: string) => acting.prepare('rollback', [ref], { revision });
  simulator.deregisterTaskDefinition('lena-was:1');
  await assert.rejects(plan('lena-was:2'));
  await assert.rejects(plan('lena-was:1'));
  await assert.rejects(plan('lena-was:99'));
  await assert.rejects(plan('; rm'));
  assert.deepEqual(writes(), []);
});

test('restarts one server: stops its task and waits for another one', async (context) => {
  const { acting, simulator, writes, running } = await actOnEcs(context);
  const [server] = await acting.servers('lena-was', 3);
  assert.ok(server !== undefined);
  const prepared = await acting.prepare('restart', [server.ref]);
  const [target] = prepared.plan.targets;
  assert.ok(target !== undefined);
  assert.equal(target.kind, 'Task');
  const job = await acting.run(prepared);
  assert.equal(job.state, 'done', JSON.stringify(job.targets));
  assert.deepEqual(writes(), ['StopTask 200']);
  assert.equal(running().length, 3);
  const stopped = simulator.tasks('prod').find(({ taskId }) => taskId === target.name);
  assert.equal(stopped?.lastStatus, 'STOPPED');
  await assert.rejects(acting.prepare('restart', [server.ref]), /ending already|gone|not in/);
});

test('stops a task only after its name was typed', async (context) => {
  const { acting, writes } = await actOnEcs(context);
  const [server] = await acting.servers('lena-was', 3);
  assert.ok(server !== undefined);
  const prepared = await acting.prepare('delete', [server.ref]);
  assert.ok(prepared.verdict.state === 'allowed' && prepared.verdict.confirm === 'type-name');
  assert.ok(warningsOf(prepared).includes('comes-back'));
  await assert.rejects(acting.run(prepared, {}), code('CONSENT_MISSING'));
  assert.deepEqual(writes(), []);
  assert.equal((await acting.act('delete', [server.ref])).state, 'done');
  assert.deepEqual(writes(), ['StopTask 200']);
});

test('two operators: the second finds the service changed and sends nothing', async (context) => {
  const { acting, service, simulator, writes } = await actOnEcs(context);
  const ref = await service();
  const scaled = await acting.prepare('scale', [ref], { replicas: '5' });
  const restarted = await acting.prepare('rolling-restart', [ref]);
  simulator.updateService({ cluster: 'prod', name: 'lena-was', desiredCount: 4, forceNewDeployment: true });
  for (const prepared of [scaled, restarted]) {
    const job = await acting.run(prepared);
    assert.equal(job.state, 'failed');
    assert.equal(job.targets[0]?.error?.code, 'CONFLICT');
  }
  assert.deepEqual(writes(), []);
});

test('a deployment put aside by another one is a conflict', async (context) => {
  const { acting, service, simulator } = await actOnEcs(context, { delays: { readyMs: 60_000 } });
  const running = await acting.executor.run(await acting.prepare('rolling-restart', [await service()]), {});
  await waitFor('the deployment is waited for', () =>
    acting.executor
      .jobs()
      .some(({ targets }) => inLanguage(targets[0]?.detail ?? '', 'en').includes('new tasks ready')),
  );
  simulator.updateService({ cluster: 'prod', name: 'lena-was', taskDefinition: 'lena-was:1' });
  const job = await running.done;
  assert.equal(job.targets[0]?.error?.code, 'CONFLICT');
  assert.match(job.targets[0]?.error?.message ?? '', /put aside by another one/);
});

test('a deployment whose tasks never start is told as failed, with its reason', async (context) => {
  const { acting, service, simulator } = await actOnEcs(context);
  simulator.updateService({
    cluster: 'prod',
    name: 'lena-was',
    deployment: { circuitBreaker: true, rollback: false },
  });
  simulator.setMissingImages(['lenacloud/lena-cluster:1.3.2.10']);
  const job = await acting.act('rollback', [await service()], { revision: 'lena-was:1' });
  assert.equal(job.targets[0]?.error?.code, 'ROLLOUT_FAILED', JSON.stringify(job.targets));
  assert.equal(job.state, 'failed');
});

test('without the right to change, says which and leaves all as it is', async (context) => {
  const { acting, service, simulator, running } = await actOnEcs(context);
  simulator.deny(['UpdateService', 'StopTask']);
  const job = await acting.act('scale', [await service()], { replicas: '4' });
  assert.equal(job.state, 'failed');
  assert.equal(job.targets[0]?.error?.code, 'PERMISSION_DENIED');
  assert.match(job.targets[0]?.error?.message ?? '', /not authorized to perform: ecs:UpdateService/);
  assert.equal(running().length, 3);
});

test('an answer that is lost is an unknown outcome, and is not asked for again', async (context) => {
  const { acting, service, simulator, writes } = await actOnEcs(context);
  simulator.loseAnswers(1);
  const job = await acting.act('scale', [await service()], { replicas: '4' });
  assert.equal(job.state, 'unknown');
  assert.deepEqual(job.targets[0]?.outcomes, ['unknown']);
  assert.equal(writes().length, 1);
});

test('throttled in the middle of ten targets: those fail, the others go on, nothing is repeated', async (context) => {
  const { acting, simulator, writes } = await actOnEcs(context);
  await acting.act('scale', [(await acting.workload('lena-was')).ref], { replicas: '6' });
  const servers = await acting.servers('lena-was', 6);
  const prepared = await acting.prepare(
    'delete',
    servers.map(({ ref }) => ref),
  );
  simulator.setThrottle(1, 'writes');
  const job = await acting.run(prepared);
  assert.equal(job.state, 'failed');
  assert.ok(job.targets.every(({ error }) => error?.code === 'THROTTLED'));
  assert.equal(writes().filter((line) => line.startsWith('StopTask')).length, 6);
});

for (const mode of ['readonly', 'triage'] as const) {
  test(`in ${mode} no verb sends anything`, async (context) => {
    const { acting, service, simulator, writes } = await actOnEcs(context, { mode });
    const [server] = await acting.servers('lena-was', 3);
    assert.ok(server !== undefined);
    const ref = await service();
    const seen = () => simulator.requests.length;
    for (const [id, target, input] of [
      ['restart', server.ref, {}],
      ['delete', server.ref, {}],
      ['rolling-restart', ref, {}],
      ['scale', ref, { replicas: '1' }],
      ['rollback', ref, { revision: 'lena-was:1' }],
    ] as const) {
      await assert.rejects(acting.prepare(id, [target], input), code('MODE_REFUSED'));
    }
    assert.ok(seen() > 0);
    assert.deepEqual(writes(), []);
  });
}

test('a service that is gone or being deleted takes no change', async (context) => {
  const { acting, service, simulator, writes } = await actOnEcs(context);
  const ref = await service();
  const prepared = await acting.prepare('scale', [ref], { replicas: '4' });
  simulator.deleteService('prod', 'lena-was');
  const job = await acting.run(prepared);
  assert.notEqual(job.state, 'done');
  assert.deepEqual(writes(), []);
});

test('a session pair of two services: one after the other, and each stays one task', async (context) => {
  const { acting, simulator, writes } = await actOnEcs(context);
  const [container] = WAS_DEFINITION.containers;
  assert.ok(container !== undefined);
  const services = ['lena-session-0', 'lena-session-1'];
  for (const name of services) {
    const taskDefinition = simulator.registerTaskDefinition({
      ...WAS_DEFINITION,
      family: name,
      containers: [
        {
          ...container,
          image: 'lenacloud/lena-session:1.3.2.10',
          port: 5_180,
          environment: {
            LENA_SERVER_TYPE: 'session',
            LENA_SESSION_0_ADDRESS: 'session-0.local:5180',
            LENA_SESSION_1_ADDRESS: 'session-1.local:5180',
          },
        },
      ],
    });
    simulator.createService({
      cluster: 'prod',
      name,
      taskDefinition,
      desiredCount: 1,
      runningSince: Date.now() - 60_000,
    });
  }
  for (const name of services) await acting.servers(name, 1);
  const refs = await Promise.all(services.map(async (name) => (await acting.workload(name)).ref));
  const prepared = await acting.prepare('rolling-restart', refs);
  const groups = prepared.plan.targets.map(({ group }) => group);
  assert.equal(groups.length, 2);
  assert.ok(groups[0] !== undefined && groups[0] === groups[1], JSON.stringify(groups));
  assert.ok(warningsOf(prepared).includes('mirror-unseen'));
  assert.ok(prepared.verdict.state === 'allowed' && prepared.verdict.confirm === 'type-name');
  const [first] = refs;
  assert.ok(first !== undefined);
  await assert.rejects(acting.prepare('scale', [first], { replicas: '2' }), code('ACTION_IMPOSSIBLE'));
  assert.deepEqual(writes(), []);
});
