import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  type Service,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
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

type Bounds = NonNullable<Parameters<EcsSetup['simulator']['createService']>[0]['deployment']>;
const runShop = (desiredCount: number, deployment: Bounds = {}): void =>
  ecs.simulator.createService({
    cluster: 'prod',
    name: 'shop',
    taskDefinition: 'lena-was',
    desiredCount,
    deployment,
    runningSince: Date.now() - 3_600_000,
  });
async function update(change: Omit<UpdateServiceCommandInput, 'service'>): Promise<Service> {
  const answer = await client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'shop', ...change }));
  assert.ok(answer.service !== undefined);
  return answer.service;
}
async function shop(): Promise<Service> {
  const answer = await client.send(new DescribeServicesCommand({ cluster: 'prod', services: ['shop'] }));
  const found = answer.services?.[0];
  assert.ok(found !== undefined);
  return found;
}
const messages = ({ events = [] }: Service): string => events.map(({ message }) => message).join('\n');
const completed = (definition: string): Promise<Service> =>
  waitFor(`${definition} to be rolled out`, async () => {
    const now = await shop();
    const [primary, ...rest] = now.deployments ?? [];
    const isDone = primary?.rolloutState === 'COMPLETED' && rest.length === 0;
    const isRight = primary?.taskDefinition?.endsWith(definition) === true;
    return isDone && isRight ? now : undefined;
  });
const counts = () => {
  const mine = ecs.simulator.tasks('prod');
  const wanted = mine.filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
  return {
    all: wanted.length,
    running: wanted.filter(({ lastStatus }) => lastStatus === 'RUNNING').length,
  };
};
/** The most and fewest tasks there were from now on until `end` resolves, told by each change of a process. */
async function watchCounts(end: Promise<unknown>) {
  const seen = { most: 0, fewest: Number.POSITIVE_INFINITY };
  const look = () => {
    const { all, running } = counts();
    seen.most = Math.max(seen.most, all);
    seen.fewest = Math.min(seen.fewest, running);
  };
  const stop = ecs.processes.subscribe(look);
  await end;
  stop();
  return seen;
}
const rejectsWith = (call: Promise<unknown>, name: string, message: RegExp): Promise<void> =>
  assert.rejects(call, (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.name, name);
    assert.match(error.message, message);
    return true;
  });

test('UpdateService answers with the service as it is from then on', async () => {
  runShop(2);
  ecs.simulator.registerTaskDefinition(WAS_DEFINITION);
  const answer = await update({ taskDefinition: 'lena-was', desiredCount: 3 });
  assert.equal(answer.desiredCount, 3);
  assert.match(answer.taskDefinition ?? '', /:task-definition\/lena-was:2$/);
  assert.deepEqual(
    answer.deployments?.map(({ status, rolloutState }) => [status, rolloutState]),
    [
      ['PRIMARY', 'IN_PROGRESS'],
      ['ACTIVE', 'COMPLETED'],
    ],
  );
  const done = await completed(':2');
  assert.equal(done.runningCount, 3);
  assert.deepEqual(ecs.simulator.requests[0], { method: 'POST', path: '/UpdateService', status: 200 });
});

test('another count alone is no deployment; forcing one without any change is', async () => {
  runShop(1);
  const before = await shop();
  const scaled = await update({ desiredCount: 2 });
  assert.equal(scaled.deployments?.length, 1);
  assert.equal(scaled.deployments[0]?.id, before.deployments?.[0]?.id);
  const same = await update({ taskDefinition: 'lena-was:1' });
  assert.equal(same.deployments?.length, 1);
  const forced = await update({ forceNewDeployment: true });
  assert.equal(forced.deployments?.length, 2);
  assert.equal(forced.taskDefinition, before.taskDefinition);
  const done = await completed(':1');
  assert.notEqual(done.deployments?.[0]?.id, before.deployments?.[0]?.id);
  assert.equal(done.runningCount, 2);
});

test('a rollout stays within its percentages, both ways', async () => {
  runShop(4);
  ecs.simulator.registerTaskDefinition(WAS_DEFINITION);
  await update({ deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 150 } });
  const growing = watchCounts(update({ taskDefinition: 'lena-was:2' }).then(() => completed(':2')));
  assert.deepEqual(await growing, { most: 6, fewest: 4 });
  const bounds = { minimumHealthyPercent: 50, maximumPercent: 100 };
  const shrinking = watchCounts(
    update({ taskDefinition: 'lena-was:1', deploymentConfiguration: bounds }).then(() => completed(':1')),
  );
  assert.deepEqual(await shrinking, { most: 4, fewest: 2 });
  assert.equal((await shop()).deploymentConfiguration?.maximumPercent, 100);
});

test('an image no registry has fails its rollout, which is given up and rolled back where it is told to', async () => {
  runShop(2);
  const [container] = WAS_DEFINITION.containers;
  assert.ok(container !== undefined);
  const image = 'lenacloud/lena-cluster:none';
  ecs.simulator.setMissingImages([image]);
  ecs.simulator.registerTaskDefinition({ ...WAS_DEFINITION, containers: [{ ...container, image }] });
  await update({ deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } } });
  await update({ taskDefinition: 'lena-was:2' });
  const failed = await waitFor('the rollout to fail', async () => {
    const now = await shop();
    return now.deployments?.[0]?.rolloutState === 'FAILED' ? now : undefined;
  });
  assert.equal(failed.runningCount, 2);
  assert.ok((failed.deployments?.[0]?.failedTasks ?? 0) >= 3);
  assert.match(messages(failed), /deployment failed: tasks failed to start\./);
  const scaled = await update({ desiredCount: 1 });
  assert.equal(scaled.deployments?.[0]?.rolloutState, 'FAILED');
  await waitFor('one task less', async () => (await shop()).runningCount === 1);

  await update({
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    forceNewDeployment: true,
  });
  const back = await completed(':1');
  assert.match(messages(back), /rolling back to deployment ecs-svc\/\d{19}\./);
  const listed = await client.send(
    new ListServiceDeploymentsCommand({ cluster: 'prod', service: 'shop', status: ['ROLLBACK_SUCCESSFUL'] }),
  );
  const arns = (listed.serviceDeployments ?? []).flatMap(
    ({ serviceDeploymentArn = [] }) => serviceDeploymentArn,
  );
  assert.equal(arns.length, 1);
  const described = await client.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns }));
  assert.equal(described.serviceDeployments?.[0]?.deploymentCircuitBreaker?.status, 'MONITORING');
});

test('a rollout on its way can be stopped, and is rolled back then, once', async () => {
  runShop(1);
  const [container] = WAS_DEFINITION.containers;
  assert.ok(container !== undefined);
  ecs.simulator.setMissingImages(['none']);
  ecs.simulator.registerTaskDefinition({
    ...WAS_DEFINITION,
    containers: [{ ...container, image: 'none' }],
  });
  await update({ taskDefinition: 'lena-was:2' });
  const { serviceDeployments = [] } = await client.send(
    new ListServiceDeploymentsCommand({ cluster: 'prod', service: 'shop' }),
  );
  const [current, before] = serviceDeployments.map(({ serviceDeploymentArn }) => serviceDeploymentArn);
  const stop = (serviceDeploymentArn: string | undefined) =>
    client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }));
  assert.equal((await stop(current)).serviceDeploymentArn, current);
  await rejectsWith(stop(current), 'ConflictException', /cannot be stopped/);
  await rejectsWith(stop(before), 'ConflictException', /cannot be stopped/);
  await rejectsWith(stop(`${current}x`), 'ServiceDeploymentNotFoundException', /not found/);
  const back = await completed(':1');
  assert.equal(back.runningCount, 1);
  const described = await client.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [current ?? ''] }),
  );
  assert.equal(described.serviceDeployments?.[0]?.status, 'ROLLBACK_SUCCESSFUL');
});

test('a load balancer lets go of a task before it ends, for as long as its delay', async () => {
  await ecs.close();
  ecs = await startEcs({ delays: { ...QUICK, deactivatingMs: 0 } });
  client = ecs.client();
  ecs.simulator.createService({
    cluster: 'prod',
    name: 'shop',
    taskDefinition: 'lena-was',
    desiredCount: 1,
    runningSince: Date.now() - 3_600_000,
    deregistrationDelayMs: 3_600_000,
  });
  const found = await shop();
  assert.equal(found.loadBalancers?.[0]?.containerPort, 8180);
  assert.match(found.loadBalancers[0]?.targetGroupArn ?? '', /:targetgroup\/shop\/[0-9a-f]{16}$/);
  await update({ forceNewDeployment: true });
  const during = await waitFor('the old task to drain', async () => {
    const [old] = ecs.simulator.tasks('prod');
    return old?.lastStatus === 'DEACTIVATING' ? shop() : undefined;
  });
  assert.match(messages(during), /\(service shop\) has begun draining connections on 1 tasks\./);
  assert.equal(during.deployments?.length, 2);
  assert.equal(during.deployments[0]?.rolloutState, 'IN_PROGRESS');
});

test('refuses what it cannot find, run or understand, and changes nothing then', async () => {
  runShop(1);
  ecs.simulator.registerTaskDefinition(WAS_DEFINITION);
  const refused = (change: object, name: string, message: RegExp) =>
    rejectsWith(
      client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'shop', desiredCount: 5, ...change })),
      name,
      message,
    );
  await refused({ cluster: 'none' }, 'ClusterNotFoundException', /Cluster not found/);
  await refused({ service: 'none' }, 'ServiceNotFoundException', /Service not found/);
  await refused({ service: '' }, 'InvalidParameterException', /blank/);
  await refused({ taskDefinition: 'lena-was:9' }, 'ClientException', /^TaskDefinition not found\.$/);
  await refused({ desiredCount: -1 }, 'InvalidParameterException', /desiredCount/);
  await refused(
    { healthCheckGracePeriodSeconds: 30 },
    'InvalidParameterException',
    /healthCheckGracePeriodSeconds/,
  );
  const invalid = (deploymentConfiguration: object, message: RegExp) =>
    refused({ taskDefinition: 'lena-was:2', deploymentConfiguration }, 'InvalidParameterException', message);
  await invalid({ maximumPercent: 100 }, /Both maximumPercent and minimumHealthyPercent cannot be 100/);
  await invalid({ maximumPercent: 50 }, /maximumPercent/);
  await invalid({ strategy: 'BLUE_GREEN' }, /strategy/);
  await invalid({ deploymentCircuitBreaker: { enable: true } }, /rollback/);
  const after = await shop();
  assert.equal(after.desiredCount, 1);
  assert.equal(after.deployments?.length, 1);
});

test('a deleted service drains, is inactive then and takes no change', async () => {
  runShop(1);
  ecs.simulator.deleteService('prod', 'shop');
  assert.equal((await shop()).status, 'DRAINING');
  const notActive = () =>
    rejectsWith(update({ desiredCount: 1 }), 'ServiceNotActiveException', /^Service was not ACTIVE\.$/);
  await notActive();
  await waitFor('the service to be inactive', async () => (await shop()).status === 'INACTIVE');
  await notActive();
  assert.equal(ecs.processes.all().length, 0);
  const { serviceArns } = await client.send(new ListServicesCommand({ cluster: 'prod' }));
  assert.deepEqual(serviceArns, []);
  runShop(1);
  assert.equal((await shop()).status, 'ACTIVE');
});
