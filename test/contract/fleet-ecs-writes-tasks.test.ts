import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  DescribeTasksCommand,
  type ECSClient,
  StopTaskCommand,
  type StopTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import { type EcsSetup, QUICK, startEcs, WAS_DEFINITION } from '../support/fleet-ecs.ts';
import { waitFor } from '../support/fleet-wait.ts';

let ecs: EcsSetup;
let client: ECSClient;
beforeEach(async () => {
  ecs = await startEcs();
  client = ecs.client();
});
afterEach(() => ecs.close());

const runShop = (taskDefinition = 'lena-was'): string => {
  ecs.simulator.createService({
    cluster: 'prod',
    name: 'shop',
    taskDefinition,
    desiredCount: 1,
    runningSince: Date.now() - 3_600_000,
  });
  const [task] = ecs.simulator.tasks('prod');
  assert.ok(task !== undefined);
  return task.taskId;
};
async function stop(task: string, more: Partial<StopTaskCommandInput> = {}): Promise<Task> {
  const answer = await client.send(new StopTaskCommand({ cluster: 'prod', task, ...more }));
  assert.ok(answer.task !== undefined);
  return answer.task;
}
const stopped = (taskId: string): Promise<Task> =>
  waitFor('the task to have stopped', async () => {
    const { tasks } = await client.send(new DescribeTasksCommand({ cluster: 'prod', tasks: [taskId] }));
    return tasks?.[0]?.lastStatus === 'STOPPED' ? tasks[0] : undefined;
  });

test('StopTask ends a task with the reason it was given, and its service starts another', async () => {
  const taskId = runShop();
  const [before] = ecs.processes.all();
  const answer = await stop(taskId, { reason: 'stuck threads' });
  assert.equal(answer.desiredStatus, 'STOPPED');
  assert.equal(answer.stopCode, 'UserInitiated');
  assert.equal(answer.stoppedReason, 'stuck threads');
  assert.ok(answer.stoppingAt instanceof Date);
  const end = await stopped(taskId);
  assert.equal(end.containers?.[0]?.exitCode, 143);
  const next = await waitFor('another task', () =>
    ecs.simulator.tasks('prod').find((task) => task.taskId !== taskId && task.lastStatus === 'RUNNING'),
  );
  assert.equal(next.service, 'shop');
  assert.notEqual(next.hostName, before?.process.hostName);
  assert.equal(before !== undefined && ecs.processes.get(before.process.id), undefined);
});

test('a task may be named by its ARN, and stopping it again changes nothing', async () => {
  const taskId = runShop();
  const arn = `arn:aws:ecs:ap-northeast-2:123456789012:task/prod/${taskId}`;
  const first = await stop(arn);
  assert.equal(first.stoppedReason, 'Task stopped by user');
  const again = await stop(arn, { reason: 'too late' });
  assert.equal(again.stoppedReason, 'Task stopped by user');
  assert.deepEqual(again.stoppingAt, first.stoppingAt);
});

test('a container that does not end within its stop timeout is killed', async () => {
  await ecs.close();
  ecs = await startEcs({ delays: { ...QUICK, stoppingMs: 3_600_000 } });
  client = ecs.client();
  const [container] = WAS_DEFINITION.containers;
  assert.ok(container !== undefined);
  ecs.simulator.registerTaskDefinition({
    ...WAS_DEFINITION,
    family: 'stubborn',
    containers: [{ ...container, stopTimeoutMs: 20 }],
  });
  const taskId = runShop('stubborn');
  await stop(taskId);
  const end = await stopped(taskId);
  assert.equal(end.containers?.[0]?.exitCode, 137);
  assert.equal(end.stopCode, 'UserInitiated');
});

test('StopTask refuses what is no task of the cluster', async () => {
  const taskId = runShop();
  const refused = (task: string, message: RegExp, name = 'InvalidParameterException', cluster = 'prod') =>
    assert.rejects(stop(task, { cluster }), { name, message });
  await refused('f'.repeat(32), /^The referenced task was not found\.$/);
  await refused('short', /taskId length should be one of \[32,36\]/);
  await refused(`arn:aws:ecs:ap-northeast-2:123456789012:task/stage/${taskId}`, /Identifier is for stage/);
  await refused(taskId, /Cluster not found/, 'ClusterNotFoundException', 'none');
  await assert.rejects(stop(taskId, { reason: 'x'.repeat(1_025) }), { name: 'InvalidParameterException' });
  assert.equal(ecs.simulator.tasks('prod')[0]?.desiredStatus, 'RUNNING');
});
