import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type EnvironmentEntry, environmentValue } from '../../src/domain/environment.ts';
import type { Source } from '../../src/domain/ports.ts';
import type { EcsSourceOptions } from '../../src/sources/ecs/ecs-source.ts';
import { ecsSource, startEcs } from '../support/sources-ecs.ts';
import { startSource } from '../support/sources-sink.ts';

// The SDK's own chain must find nothing on the machine that runs the tests.
process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/nonexistent/credentials';
process.env['AWS_CONFIG_FILE'] = '/nonexistent/config';
for (const name of [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
]) {
  delete process.env[name];
}

const closers: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closers.reverse()) await close();
});

/** Runs a source until the test, or at last the file, ends. */
function follow(source: Source) {
  const run = startSource(source);
  closers.push(() => run.stop());
  return run;
}

async function start(options: Partial<EcsSourceOptions> = {}) {
  const ecs = await startEcs();
  closers.push(() => ecs.simulator.close());
  const source = ecsSource(ecs, options);
  const run = follow(source);
  return { ...ecs, ...run, source };
}
type Started = Awaited<ReturnType<typeof start>>;
const readyTasks = ({ sink }: Pick<Started, 'sink'>) =>
  sink.all('instance').filter(({ state }) => state === 'ready');
const untilReady = (run: Started) => run.sink.until(() => readyTasks(run).length === 2, 'two ready tasks');

test('lists then follows: tasks, services, environment, events, capabilities', async () => {
  const run = await start();
  await run.sink.untilState('live');
  await untilReady(run);
  const [task] = readyTasks(run);
  assert.ok(task !== undefined);
  assert.match(task.ref.id, /^lena-a\/[0-9a-f]{32}$/);
  assert.deepEqual(task.place, { kind: 'ecsCluster', name: 'lena-a' });
  assert.deepEqual(task.workload, { kind: 'EcsService', name: 'lena-was' });
  assert.match(task.hostNames[0] ?? '', /^ip-\d+-\d+-\d+-\d+\./);
  assert.match(task.addresses[0] ?? '', /^\d+\.\d+\.\d+\.\d+$/);
  assert.deepEqual(task.ports, [8180]);
  assert.equal(task.containers[0]?.image, 'lenacloud/lena-cluster:1.3.2');
  assert.equal(task.containers[0]?.memoryLimitBytes, 2048 * 1_048_576);
  assert.equal(task.containers[0]?.cpuLimit, 0.5);
  assert.equal(environmentValue(task.environment, 'LENA_CONFIG_TEMPLATE_ID'), 'shop:3');
  for (const name of ['DB_PASSWORD', 'LENA_MANAGER_KEY']) {
    const entry: EnvironmentEntry | undefined = task.environment.find((one) => one.name === name);
    assert.equal(entry?.isMasked, true, name);
    assert.equal(entry?.value, undefined, name);
  }
  await run.sink.until(() => run.sink.all('workload')[0]?.rollout.state === 'stable', 'a stable service');
  const [workload] = run.sink.all('workload');
  assert.equal(workload?.ref.id, 'lena-a/EcsService/lena-was');
  assert.equal(workload.rollout.revision, 'lena-was:1');
  assert.deepEqual([workload.desired, workload.ready], [2, 2]);
  assert.equal(environmentValue(workload.environment, 'LENA_SERVER_TYPE'), 'was');
  assert.ok(run.sink.all('event').some(({ type }) => type === 'tasks-started'));
  assert.match(run.sink.lastFacts.identity ?? '', /account 123456789012/);
  assert.equal(run.sink.lastFacts.capabilities?.['DescribeTasks']?.state, 'found');
  assert.ok(!JSON.stringify([run.sink.all('instance'), run.sink.all('workload')]).includes('hunter2'));
  assert.ok((await run.stop()) < 1_000);
});

test('follows a deployment to the new revision and shows why tasks stopped', async () => {
  const run = await start();
  await untilReady(run);
  const taskDefinition = run.register('lenacloud/lena-cluster:1.3.3');
  run.simulator.updateService({ cluster: 'lena-a', name: 'lena-was', taskDefinition });
  await run.sink.until(
    () => run.sink.all('workload')[0]?.rollout.revision === 'lena-was:2',
    'the new revision',
  );
  await run.sink.until(
    () => run.sink.all('workload')[0]?.rollout.state === 'stable',
    'the end of the rollout',
  );
  await run.sink.until(
    () => readyTasks(run).filter((task) => task.containers[0]?.image.endsWith(':1.3.3')).length === 2,
    'two new tasks',
  );
  const stopped = run.sink.all('instance').find(({ state }) => state === 'stopped');
  assert.ok(stopped?.stateReason !== undefined && stopped.stateReason !== '');
  assert.ok(run.sink.all('instance').every(({ state }) => state !== 'failed'));
});

test('a task that dies is failed with exit code and reason, and an event says so', async () => {
  const run = await start();
  await untilReady(run);
  const [task] = run.simulator.tasks('lena-a');
  assert.ok(task !== undefined);
  run.simulator.killTask('lena-a', task.taskId, {
    exitCode: 137,
    reason: 'OutOfMemoryError: Container killed',
  });
  const find = () => run.sink.all('instance').find(({ ref }) => ref.id.endsWith(task.taskId));
  await run.sink.until(() => find()?.state === 'failed', 'a failed task');
  assert.equal(find()?.containers[0]?.exitCode, 137);
  assert.ok(
    run.sink
      .all('event')
      .some(({ targetName, level }) => targetName.endsWith(task.taskId.slice(0, 8)) && level === 'error'),
  );
  await untilReady(run);
});

test('reads services in batches of ten and every page', async () => {
  const ecs = await startEcs();
  closers.push(() => ecs.simulator.close());
  const taskDefinition = ecs.register('lenacloud/lena-cluster:1');
  for (let index = 0; index < 23; index++) {
    ecs.simulator.createService({ cluster: 'lena-a', name: `svc-${index}`, taskDefinition, desiredCount: 0 });
  }
  ecs.simulator.addCluster('other');
  const run = follow(ecsSource(ecs, { pauses: { deployingMs: 60_000, activeMs: 60_000, idleMs: 60_000 } }));
  await run.sink.untilState('live');
  assert.equal(run.sink.all('workload').length, 24);
  const calls = ecs.simulator.requests.filter(({ path }) => path.includes('DescribeServices'));
  assert.equal(calls.length, 3);
  assert.ok(run.sink.all('workload').every(({ place }) => place.name === 'lena-a'));
  await run.stop();
});

for (const [name, fault, code] of [
  ['a refused connection', { kind: 'refuse' }, /REFUSED|CONNECTION_LOST/],
  ['a reset', { kind: 'reset' }, /CONNECTION_LOST/],
  ['a hang', { kind: 'hang' }, /TIMEOUT/],
  ['a 500', { kind: 'status', status: 500 }, /REMOTE_ERROR/],
  ['a 503', { kind: 'status', status: 503 }, /REMOTE_ERROR/],
  ['a login page', { kind: 'html', status: 200 }, /UNEXPECTED_ANSWER/],
  ['a proxy page', { kind: 'html', status: 502 }, /REMOTE_ERROR/],
  ['garbage', { kind: 'garbage' }, /UNEXPECTED_ANSWER/],
  ['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:9/' }, /REDIRECTED|UNEXPECTED_ANSWER/],
] as const) {
  test(`after ${name} it is stale, then failed, keeps its rows, and comes back`, async () => {
    const run = await start({ timeoutMs: 400 });
    await untilReady(run);
    run.simulator.setFault(fault);
    const isStale = () => run.sink.lastStatus?.state === 'stale' && run.sink.errorCode !== undefined;
    await run.sink.until(isStale, 'stale with its reason');
    assert.match(run.sink.errorCode ?? '', code);
    await run.sink.untilState('failed');
    assert.match(run.sink.errorCode ?? '', code);
    assert.equal(readyTasks(run).length, 2);
    run.simulator.setFault(undefined);
    await run.sink.untilState('live');
    assert.ok((await run.stop()) < 1_000);
  });
}

test('stops within a second while a request hangs', async () => {
  const run = await start({ timeoutMs: 10_000 });
  await untilReady(run);
  const before = run.simulator.requests.length;
  run.simulator.setFault({ kind: 'hang' });
  run.source.refresh?.();
  await run.sink.until(() => true, 'at once');
  assert.ok(run.simulator.requests.length >= before);
  assert.ok((await run.stop()) < 1_000);
});

test('a slow remote is waited for and stays live', async () => {
  const run = await start();
  await untilReady(run);
  run.simulator.setFault({ kind: 'slow', delayMs: 50 });
  const count = run.sink.statuses.length;
  await run.sink.until(() => run.sink.statuses.length > count + 1, 'two slow rounds');
  assert.equal(run.sink.lastStatus?.state, 'live');
});

test('throttling is said, slows it down and does not lose rows', async () => {
  const run = await start({ timeoutMs: 3_000 });
  await untilReady(run);
  run.simulator.setThrottle(0.3);
  await run.sink.until(
    () => run.sink.lastFacts.notes?.some((note) => note.startsWith('THROTTLED')) ?? false,
    'a note on throttling',
    15_000,
  );
  assert.equal(readyTasks(run).length, 2);
  assert.ok((await run.stop()) < 1_000);
});

test('another secret is UNAUTHORIZED and denied', async () => {
  const ecs = await startEcs();
  closers.push(() => ecs.simulator.close());
  const run = follow(
    ecsSource(ecs, {
      environment: { AWS_ACCESS_KEY_ID: ecs.simulator.accessKeyId, AWS_SECRET_ACCESS_KEY: 'wrong' },
    }),
  );
  await run.sink.untilState('denied');
  assert.equal(run.sink.errorCode, 'UNAUTHORIZED');
  assert.ok(!JSON.stringify(run.sink.statuses).includes('wrong'));
  assert.ok((await run.stop()) < 1_000);
});

test('another region is told apart', async () => {
  const run = await start({ region: 'eu-west-1' });
  await run.sink.untilState('denied');
  assert.equal(run.sink.errorCode, 'REGION_WRONG');
});

test('no credentials is denied and says what to give', async () => {
  const run = await start({ environment: {} });
  await run.sink.untilState('denied');
  assert.equal(run.sink.errorCode, 'CREDENTIALS_MISSING');
});

test('no region is denied and says what to give', async () => {
  const run = await start({ region: undefined });
  await run.sink.untilState('denied');
  assert.equal(run.sink.errorCode, 'REGION_MISSING');
});

test('an endpoint that does not resolve is named so', async () => {
  const run = await start({ endpoint: 'http://ecs.nowhere.invalid' });
  await run.sink.untilState('failed');
  assert.equal(run.sink.errorCode, 'NAME_UNKNOWN');
});

test('clusters nobody has are named', async () => {
  const run = await start({ clusters: ['nope-*'] });
  await run.sink.untilState('failed');
  assert.equal(run.sink.errorCode, 'NOT_FOUND');
});

test('a 403 without a body is FORBIDDEN and denied', async () => {
  const ecs = await startEcs();
  closers.push(() => ecs.simulator.close());
  ecs.simulator.setFault({ kind: 'status', status: 403 });
  const run = follow(ecsSource(ecs));
  await run.sink.untilState('denied');
  assert.equal(run.sink.errorCode, 'FORBIDDEN');
  await run.stop();
});
