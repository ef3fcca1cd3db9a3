import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DeleteServiceCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
  paginateListServices,
  paginateListTaskDefinitions,
  paginateListTasks,
} from '@aws-sdk/client-ecs';
import { systemClock } from '../../src/core/clock.ts';
import { type EcsSetup, startEcs, WAS_DEFINITION } from '../support/fleet-ecs.ts';
import { waitFor } from '../support/fleet-wait.ts';

let ecs: EcsSetup;
before(async () => {
  ecs = await startEcs();
  for (let i = 0; i < 23; i++) {
    ecs.simulator.createService({
      cluster: 'prod',
      name: `service-${i}`,
      taskDefinition: 'lena-was',
      desiredCount: i === 0 ? 105 : 1,
      runningSince: Date.now() - 3_600_000,
    });
  }
});
after(() => ecs.close());

const rejectsWith = (call: Promise<unknown>, name: string, message: RegExp): Promise<void> =>
  assert.rejects(call, (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.name, name);
    assert.match(error.message, message);
    return true;
  });

test('refuses what is not signed as the region and its credentials say', async () => {
  const list = new ListClustersCommand({});
  const { accessKeyId, secretAccessKey } = ecs.simulator;
  await rejectsWith(
    ecs.client({ region: 'us-east-1' }).send(list),
    'InvalidSignatureException',
    /valid region/,
  );
  await rejectsWith(
    ecs.client({ credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey } }).send(list),
    'UnrecognizedClientException',
    /security token/,
  );
  await rejectsWith(
    ecs.client({ credentials: { accessKeyId, secretAccessKey: 'wrong' } }).send(list),
    'InvalidSignatureException',
    /does not match/,
  );
  const unsigned = await fetch(ecs.simulator.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters',
    },
    body: '{}',
  });
  assert.equal(unsigned.status, 400);
  assert.match(await unsigned.text(), /MissingAuthenticationTokenException/);
});

test('refuses a body that is not the one that was signed', async () => {
  const client = ecs.client();
  client.middlewareStack.add(
    (next) => (args) => {
      const request: unknown = args.request;
      if (typeof request === 'object' && request !== null) Reflect.set(request, 'body', '[]');
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await rejectsWith(client.send(new ListClustersCommand({})), 'InvalidSignatureException', /does not match/);
});

test('refuses unknown calls, calls that are not simulated and unknown parameters', async () => {
  const raw = (target: string) =>
    fetch(ecs.simulator.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body: '{}',
    });
  assert.equal((await raw('Other.ListClusters')).status, 404);
  await rejectsWith(
    ecs.client().send(new DeleteServiceCommand({ cluster: 'prod', service: 'service-1' })),
    'AccessDeniedException',
    /not authorized to perform: ecs:DeleteService/,
  );
  await rejectsWith(
    ecs.client().send(new ListTasksCommand({ cluster: 'prod', daemonName: 'x' })),
    'InvalidParameterException',
    /daemonName/,
  );
});

test('pages services, tasks and task definitions with the real paginators', async () => {
  const client = ecs.client();
  const services: string[] = [];
  let pages = 0;
  for await (const page of paginateListServices({ client }, { cluster: 'prod' })) {
    pages++;
    services.push(...(page.serviceArns ?? []));
  }
  assert.equal(pages, 3);
  assert.equal(new Set(services).size, 23);
  const tasks: string[] = [];
  for await (const page of paginateListTasks({ client, pageSize: 50 }, { cluster: 'prod' })) {
    tasks.push(...(page.taskArns ?? []));
  }
  assert.equal(new Set(tasks).size, 127);
  for await (const page of paginateListTaskDefinitions({ client }, { familyPrefix: 'lena-was' })) {
    assert.equal(page.taskDefinitionArns?.length, 1);
  }
});

test('keeps the limits of each call', async () => {
  const client = ecs.client();
  const ids = (count: number) => Array.from({ length: count }, (_, i) => `${i}`.padStart(32, '0'));
  await rejectsWith(
    client.send(new DescribeServicesCommand({ cluster: 'prod', services: ids(11) })),
    'InvalidParameterException',
    /at most 10/,
  );
  await rejectsWith(
    client.send(new DescribeTasksCommand({ cluster: 'prod', tasks: ids(101) })),
    'InvalidParameterException',
    /at most 100/,
  );
  await rejectsWith(
    client.send(new DescribeTasksCommand({ cluster: 'prod', tasks: [] })),
    'InvalidParameterException',
    /Tasks cannot be empty/,
  );
  await rejectsWith(
    client.send(new ListServicesCommand({ cluster: 'prod', maxResults: 101 })),
    'InvalidParameterException',
    /maxResults/,
  );
  await rejectsWith(
    client.send(new ListTasksCommand({ cluster: 'prod', nextToken: 'made up' })),
    'InvalidParameterException',
    /token/,
  );
  await rejectsWith(
    client.send(new ListTasksCommand({ cluster: 'none' })),
    'ClusterNotFoundException',
    /Cluster not found/,
  );
  await rejectsWith(
    client.send(new ListTasksCommand({ cluster: 'prod', serviceName: 'none' })),
    'ServiceNotFoundException',
    /Service not found/,
  );
  await rejectsWith(
    client.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'none:3' })),
    'ClientException',
    /Unable to describe/,
  );
});

test('answers what is missing as failures', async () => {
  const client = ecs.client();
  const id = 'f'.repeat(32);
  const tasks = await client.send(new DescribeTasksCommand({ cluster: 'prod', tasks: [id] }));
  assert.deepEqual(tasks.failures, [
    { arn: `arn:aws:ecs:ap-northeast-2:123456789012:task/prod/${id}`, reason: 'MISSING' },
  ]);
  const services = await client.send(
    new DescribeServicesCommand({ cluster: 'prod', services: ['service-1', 'none'] }),
  );
  assert.equal(services.services?.length, 1);
  assert.equal(services.failures?.[0]?.reason, 'MISSING');
  const clusters = await client.send(new DescribeClustersCommand({ clusters: ['prod', 'none'] }));
  assert.equal(clusters.clusters?.[0]?.runningTasksCount, 127);
  assert.equal(clusters.failures?.[0]?.reason, 'MISSING');
});

test('describes a task, its service and its definition in full', async () => {
  const client = ecs.client();
  const listed = await client.send(new ListTasksCommand({ cluster: 'prod', serviceName: 'service-3' }));
  const { tasks } = await client.send(new DescribeTasksCommand({ cluster: 'prod', tasks: listed.taskArns }));
  const task = tasks?.[0];
  const details = new Map(task?.attachments?.[0]?.details?.map(({ name, value }) => [name, value]));
  assert.match(details.get('privateIPv4Address') ?? '', /^10\.40\.\d+\.\d+$/);
  assert.equal(
    details.get('privateDnsName'),
    `ip-${details.get('privateIPv4Address')?.replaceAll('.', '-')}.ap-northeast-2.compute.internal`,
  );
  assert.ok(task?.startedAt instanceof Date);
  assert.ok(Math.abs(task.startedAt.getTime() - (Date.now() - 3_600_000)) < 60_000);
  assert.equal(task.lastStatus, 'RUNNING');
  assert.equal(task.connectivity, 'CONNECTED');
  assert.equal(task.group, 'service:service-3');
  assert.equal(
    task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address,
    details.get('privateIPv4Address'),
  );
  const { services } = await client.send(
    new DescribeServicesCommand({ cluster: 'prod', services: ['service-3'], include: ['TAGS'] }),
  );
  assert.deepEqual(services?.[0]?.tags, []);
  assert.equal(services[0]?.deployments?.[0]?.rolloutState, 'COMPLETED');
  assert.equal(services[0].deployments[0].id, task.startedBy);
  assert.equal(services[0].events?.[0]?.message, '(service service-3) has reached a steady state.');
  const { taskDefinition } = await client.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: task.taskDefinitionArn }),
  );
  assert.deepEqual(taskDefinition?.containerDefinitions?.[0]?.secrets, [
    { name: 'LENA_CONTRACT_CODE', valueFrom: WAS_DEFINITION.containers[0]?.secrets?.['LENA_CONTRACT_CODE'] },
  ]);
});

test('throttles by share, and by bucket once it is empty; the client retries', async () => {
  const own = await startEcs({ buckets: { clusterRead: { burst: 3, perSecond: 20 } } });
  try {
    own.simulator.setThrottle(1);
    await rejectsWith(own.client().send(new ListClustersCommand({})), 'ThrottlingException', /Rate exceeded/);
    own.simulator.setThrottle(0);
    await waitFor('a full bucket', async () => {
      const burst = await Promise.allSettled(
        Array.from({ length: 8 }, () => own.client().send(new ListClustersCommand({}))),
      );
      return (
        burst.some((each) => each.status === 'rejected') && burst.some((each) => each.status === 'fulfilled')
      );
    });
    const patient = own.client({ maxAttempts: 8 });
    const { clusterArns, $metadata } = await patient.send(new ListClustersCommand({}));
    assert.equal(clusterArns?.length, 1);
    assert.ok(($metadata.attempts ?? 0) >= 1);
  } finally {
    await own.close();
  }
});

test('refuses a clock that is off by more than five minutes; the client finds the difference', async () => {
  const aheadMs = 3_600_000;
  const own = await startEcs({
    clock: { now: () => Date.now() + aheadMs, after: (delayMs, task) => systemClock.after(delayMs, task) },
  });
  try {
    await rejectsWith(
      own.client().send(new ListClustersCommand({})),
      'InvalidSignatureException',
      /Signature expired/,
    );
    const patient = own.client({ maxAttempts: 3 });
    await patient.send(new ListClustersCommand({}));
    assert.ok(Math.abs(patient.config.systemClockOffset - aheadMs) < 60_000);
  } finally {
    await own.close();
  }
});

test('obeys faults and comes back on the same port', async () => {
  const own = await startEcs();
  try {
    const { endpoint } = own.simulator;
    own.simulator.setFault({ kind: 'refuse' });
    await assert.rejects(own.client().send(new ListClustersCommand({})), /ECONNREFUSED/);
    own.simulator.setFault({ kind: 'status', status: 503 });
    await waitFor('the listener to be back', () =>
      own
        .client()
        .send(new ListClustersCommand({}))
        .then(
          () => false,
          (error: unknown) =>
            error instanceof Error && /UnknownError|503|Unknown/.test(`${error.name} ${error.message}`),
        ),
    );
    own.simulator.setFault(undefined);
    assert.equal(own.simulator.endpoint, endpoint);
    const { clusterArns } = await own.client().send(new ListClustersCommand({}));
    assert.equal(clusterArns?.length, 1);
    assert.deepEqual(own.simulator.requests.at(-1), { method: 'POST', path: '/ListClusters', status: 200 });
  } finally {
    await own.close();
  }
});
