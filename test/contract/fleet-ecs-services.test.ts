import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DescribeServicesCommand, DescribeTasksCommand, type Service, type Task } from '@aws-sdk/client-ecs';
import type { ProcessEvent } from '../../fixtures/fleet/process.ts';
import { type EcsSetup, QUICK, startEcs, WAS_DEFINITION } from '../support/fleet-ecs.ts';
import { waitFor } from '../support/fleet-wait.ts';

let ecs: EcsSetup;
let events: ProcessEvent[];
beforeEach(async () => {
  ecs = await startEcs();
  events = [];
  ecs.processes.subscribe((event) => events.push(event));
});
afterEach(() => ecs.close());

async function service(name: string): Promise<Service> {
  const answer = await ecs
    .client()
    .send(new DescribeServicesCommand({ cluster: 'prod', services: [name], include: ['TAGS'] }));
  const found = answer.services?.[0];
  assert.ok(found !== undefined);
  return found;
}
async function task(taskId: string): Promise<Task> {
  const answer = await ecs.client().send(new DescribeTasksCommand({ cluster: 'prod', tasks: [taskId] }));
  const found = answer.tasks?.[0];
  assert.ok(found !== undefined);
  return found;
}
const steady = (name: string, taskDefinition = ''): Promise<Service> =>
  waitFor(`${name} to be steady`, async () => {
    const now = await service(name);
    const [primary, ...rest] = now.deployments ?? [];
    const isDone = primary?.rolloutState === 'COMPLETED' && rest.length === 0;
    const isRight = primary?.taskDefinition?.endsWith(taskDefinition) === true;
    return isDone && isRight && /steady state/.test(now.events?.[0]?.message ?? '') ? now : undefined;
  });
const messages = (found: Service): string => (found.events ?? []).map((event) => event.message).join('\n');
const oneTask = () => {
  const running = ecs.simulator.tasks('prod').find((each) => each.lastStatus === 'RUNNING');
  assert.ok(running !== undefined);
  return running;
};

test('starts tasks, puts their processes into the table and says it is steady', async () => {
  ecs.simulator.createService({
    cluster: 'prod',
    name: 'shop',
    taskDefinition: 'lena-was',
    desiredCount: 2,
    tags: { team: 'shop' },
  });
  const found = await steady('shop');
  assert.equal(found.runningCount, 2);
  assert.deepEqual(found.tags, [{ key: 'team', value: 'shop' }]);
  assert.match(
    messages(found),
    /\(service shop\) has started 2 tasks: \(task [0-9a-f]{32}\) \(task [0-9a-f]{32}\)\./,
  );
  assert.match(messages(found), /\(service shop\) \(deployment ecs-svc\/\d{19}\) deployment completed\./);
  const [first] = ecs.processes.all();
  assert.equal(first?.phase, 'ready');
  assert.equal(first.process.context, 'seoul');
  assert.equal(first.process.type, 'was');
  assert.match(first.process.hostName, /^ip-10-40-\d+-\d+\.ap-northeast-2\.compute\.internal$/);
  assert.equal(first.process.environment['LENA_CONTRACT_CODE'], 'contract');
  assert.equal(first.process.workload, 'shop');
});

test('rolls a new definition out within its bounds and stops the old tasks', async () => {
  ecs.simulator.createService({ cluster: 'prod', name: 'shop', taskDefinition: 'lena-was', desiredCount: 2 });
  await steady('shop');
  ecs.simulator.registerTaskDefinition(WAS_DEFINITION);
  events.length = 0;
  ecs.simulator.updateService({ cluster: 'prod', name: 'shop', taskDefinition: 'lena-was:2' });
  const during = await service('shop');
  assert.equal(during.deployments?.[0]?.rolloutState, 'IN_PROGRESS');
  assert.equal(during.deployments.length, 2);
  const found = await steady('shop', ':2');
  assert.match(messages(found), /has stopped 2 running tasks/);
  const firstReady = events.findIndex((event) => event.type === 'started');
  const firstStop = events.findIndex((event) => event.type === 'stopping');
  assert.ok(firstReady >= 0 && firstReady < firstStop, 'new tasks start before old ones stop');
});

test('a task that is killed shows why and is replaced; a stopped one vanishes after a while', async () => {
  await ecs.close();
  ecs = await startEcs({ delays: { ...QUICK, stoppedVisibleMs: 400 } });
  ecs.simulator.createService({ cluster: 'prod', name: 'shop', taskDefinition: 'lena-was', desiredCount: 1 });
  await steady('shop');
  const { taskId } = oneTask();
  ecs.simulator.killTask('prod', taskId, {
    exitCode: 137,
    reason: 'OutOfMemoryError: Container killed due to memory usage',
  });
  const stopped = await waitFor('the task to stop', async () => {
    const now = await task(taskId);
    return now.lastStatus === 'STOPPED' ? now : undefined;
  });
  assert.equal(stopped.stopCode, 'EssentialContainerExited');
  assert.equal(stopped.stoppedReason, 'Essential container in task exited');
  assert.equal(stopped.containers?.[0]?.exitCode, 137);
  assert.ok(stopped.stoppedAt instanceof Date);
  await waitFor('another task', () =>
    ecs.simulator.tasks('prod').some((each) => each.lastStatus === 'RUNNING' && each.taskId !== taskId),
  );
  await waitFor('the task to be forgotten', () =>
    ecs.simulator.tasks('prod').every((each) => each.taskId !== taskId),
  );
});

test('a deployment whose tasks keep failing is given up and rolled back', async () => {
  ecs.simulator.createService({
    cluster: 'prod',
    name: 'shop',
    taskDefinition: 'lena-was',
    desiredCount: 1,
    deployment: { circuitBreaker: true, rollback: true },
  });
  await steady('shop');
  ecs.simulator.registerTaskDefinition(WAS_DEFINITION);
  ecs.simulator.updateService({ cluster: 'prod', name: 'shop', taskDefinition: 'lena-was:2' });
  ecs.simulator.killTask('prod', oneTask().taskId, { exitCode: 1, reason: '', failures: 3 });
  const found = await waitFor('the roll-back', async () => {
    const now = await service('shop');
    return /rolling back to deployment/.test(messages(now)) ? now : undefined;
  });
  assert.match(messages(found), /deployment failed: tasks failed to start\./);
  assert.match(messages(found), /unable to consistently start tasks successfully/);
  const back = await steady('shop', ':1');
  assert.equal(back.runningCount, 1);
});

test('an unhealthy container makes its task be replaced', async () => {
  const [container] = WAS_DEFINITION.containers;
  assert.ok(container !== undefined);
  ecs.simulator.registerTaskDefinition({
    ...WAS_DEFINITION,
    family: 'checked',
    containers: [{ ...container, healthCheck: ['CMD-SHELL', 'curl -f http://localhost:8180/'] }],
  });
  ecs.simulator.createService({ cluster: 'prod', name: 'shop', taskDefinition: 'checked', desiredCount: 1 });
  await steady('shop');
  const { taskId } = oneTask();
  assert.equal((await task(taskId)).healthStatus, 'HEALTHY');
  ecs.simulator.setHealthy('prod', taskId, false);
  await waitFor('the word of it', async () =>
    messages(await service('shop')).includes(`(task ${taskId}) failed container health checks.`),
  );
  const found = await steady('shop');
  assert.equal(found.runningCount, 1);
  assert.equal((await task(taskId)).stoppedReason, 'Task failed container health checks');
});

test('scales to nothing and back, and stops a task by hand', async () => {
  ecs.simulator.createService({ cluster: 'prod', name: 'shop', taskDefinition: 'lena-was', desiredCount: 1 });
  await steady('shop');
  const { taskId } = oneTask();
  ecs.simulator.stopTask('prod', taskId, 'maintenance');
  const stopping = await task(taskId);
  assert.equal(stopping.desiredStatus, 'STOPPED');
  assert.equal(stopping.stopCode, 'UserInitiated');
  assert.equal(stopping.stoppedReason, 'maintenance');
  ecs.simulator.updateService({ cluster: 'prod', name: 'shop', desiredCount: 0 });
  await waitFor('no process', () => ecs.processes.all().length === 0);
  assert.equal((await steady('shop')).runningCount, 0);
});
