import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  DescribeServicesCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { type EcsSetup, startEcs } from '../support/fleet-ecs.ts';

let ecs: EcsSetup;
beforeEach(async () => {
  ecs = await startEcs();
  runShop(ecs);
});
afterEach(() => ecs.close());

function runShop({ simulator }: EcsSetup): void {
  simulator.createService({
    cluster: 'prod',
    name: 'shop',
    taskDefinition: 'lena-was',
    desiredCount: 1,
    runningSince: Date.now() - 3_600_000,
  });
}
const update = (desiredCount: number) =>
  new UpdateServiceCommand({ cluster: 'prod', service: 'shop', desiredCount });
async function desiredCount(): Promise<number | undefined> {
  const { services } = await ecs
    .client()
    .send(new DescribeServicesCommand({ cluster: 'prod', services: ['shop'] }));
  return services?.[0]?.desiredCount;
}
const denied = (operation: string, resource: string) => ({
  name: 'AccessDeniedException',
  message: `User: arn:aws:iam::123456789012:user/l9s is not authorized to perform: ecs:${operation} on resource: ${resource} because no identity-based policy allows the ecs:${operation} action`,
});
const ARN = 'arn:aws:ecs:ap-northeast-2:123456789012';

test('a user without a right is told which one and on what, and the others stay', async () => {
  const client = ecs.client();
  const [task] = ecs.simulator.tasks('prod');
  assert.ok(task !== undefined);
  ecs.simulator.deny(['UpdateService', 'StopTask', 'RegisterTaskDefinition']);
  await assert.rejects(client.send(update(3)), denied('UpdateService', `${ARN}:service/prod/shop`));
  await assert.rejects(
    client.send(new StopTaskCommand({ cluster: `${ARN}:cluster/prod`, task: task.taskId })),
    denied('StopTask', `${ARN}:task/prod/${task.taskId}`),
  );
  await assert.rejects(
    client.send(new RegisterTaskDefinitionCommand({ family: 'lena-was', containerDefinitions: [] })),
    denied('RegisterTaskDefinition', `${ARN}:task-definition/lena-was:*`),
  );
  assert.equal(await desiredCount(), 1);
  ecs.simulator.deny(['ListTasks']);
  await assert.rejects(
    client.send(new ListTasksCommand({ cluster: 'prod' })),
    /not authorized to perform: ecs:ListTasks on resource: \*/,
  );
  await client.send(update(2));
  assert.equal(await desiredCount(), 2);
});

test('a role may lack rights from the start', async () => {
  const own = await startEcs({ denied: ['UpdateService'] });
  try {
    runShop(own);
    await assert.rejects(own.client().send(update(0)), { name: 'AccessDeniedException' });
  } finally {
    await own.close();
  }
});

test('writes alone can be throttled', async () => {
  ecs.simulator.setThrottle(1, 'writes');
  await assert.rejects(ecs.client().send(update(3)), {
    name: 'ThrottlingException',
    message: 'Rate exceeded',
  });
  assert.equal(await desiredCount(), 1);
  ecs.simulator.setThrottle(0, 'writes');
  await ecs.client().send(update(3));
  assert.equal(await desiredCount(), 3);
});

test('registrations have a bucket of their own', async () => {
  const own = await startEcs({ buckets: { taskDefinitionWrite: { burst: 0, perSecond: 0 } } });
  try {
    runShop(own);
    await assert.rejects(
      own.client().send(new RegisterTaskDefinitionCommand({ family: 'x', containerDefinitions: [] })),
      { name: 'ThrottlingException' },
    );
    await own.client().send(update(2));
  } finally {
    await own.close();
  }
});

test('an answer can be lost although the write was carried out', async () => {
  ecs.simulator.loseAnswers(1);
  assert.equal(await desiredCount(), 1);
  await assert.rejects(ecs.client().send(update(3)), /ECONNRESET|socket hang up/);
  assert.equal(await desiredCount(), 3);
  assert.equal(ecs.simulator.requests.find(({ path }) => path === '/UpdateService')?.status, 0);
  await ecs.client().send(update(2));
  assert.equal(await desiredCount(), 2);
});

test('a write that is refused loses no answer', async () => {
  ecs.simulator.loseAnswers(1);
  await assert.rejects(ecs.client().send(update(-1)), { name: 'InvalidParameterException' });
  await assert.rejects(ecs.client().send(update(2)), /ECONNRESET|socket hang up/);
});
