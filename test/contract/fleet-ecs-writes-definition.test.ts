import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  DescribeTaskDefinitionCommand,
  type ECSClient,
  ListTagsForResourceCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type TaskDefinition,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { readTaskDefinition } from '../../fixtures/fleet/ecs/task-definition-input.ts';
import { type EcsSetup, startEcs } from '../support/fleet-ecs.ts';
import { waitFor } from '../support/fleet-wait.ts';

let ecs: EcsSetup;
let client: ECSClient;
beforeEach(async () => {
  ecs = await startEcs();
  client = ecs.client();
});
afterEach(() => ecs.close());

async function register(input: RegisterTaskDefinitionCommandInput): Promise<TaskDefinition> {
  const { taskDefinition } = await client.send(new RegisterTaskDefinitionCommand(input));
  assert.ok(taskDefinition !== undefined);
  return taskDefinition;
}
async function describe(taskDefinition: string): Promise<TaskDefinition> {
  const answer = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  assert.ok(answer.taskDefinition !== undefined);
  return answer.taskDefinition;
}
/** What a caller must take out of a description before it can be registered again. */
function registrable(described: TaskDefinition): RegisterTaskDefinitionCommandInput {
  const {
    taskDefinitionArn: _arn,
    revision: _revision,
    status: _status,
    requiresAttributes: _attributes,
    compatibilities: _compatibilities,
    registeredAt: _registeredAt,
    registeredBy: _registeredBy,
    family,
    containerDefinitions,
    ...rest
  } = described;
  return { ...rest, family, containerDefinitions };
}

const FULL: RegisterTaskDefinitionCommandInput = {
  family: 'shop_was-1',
  taskRoleArn: 'arn:aws:iam::123456789012:role/shop',
  executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '1 vCPU',
  memory: '2GB',
  pidMode: 'task',
  runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
  ephemeralStorage: { sizeInGiB: 40 },
  volumes: [
    {
      name: 'dumps',
      efsVolumeConfiguration: { fileSystemId: 'fs-0123456789abcdef0', transitEncryption: 'ENABLED' },
    },
  ],
  containerDefinitions: [
    {
      name: 'was',
      image: 'lenacloud/lena-cluster:1.3.2.11',
      portMappings: [{ containerPort: 8180, name: 'http', appProtocol: 'http' }],
      environment: [
        { name: 'LENA_CONFIG_TEMPLATE_ID', value: 'shop-was:3' },
        { name: 'LENA_CONTRACT_CODE', value: 'not-for-the-screen' },
      ],
      secrets: [
        { name: 'LENA_MANAGER_KEY', valueFrom: 'arn:aws:ssm:ap-northeast-2:123456789012:parameter/lena/key' },
      ],
      mountPoints: [{ sourceVolume: 'dumps', containerPath: '/dumps', readOnly: false }],
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/shop' } },
      healthCheck: { command: ['CMD-SHELL', 'curl -f http://localhost:8180/'], startPeriod: 60 },
      dependsOn: [{ containerName: 'router', condition: 'START' }],
      linuxParameters: { initProcessEnabled: true },
      ulimits: [{ name: 'nofile', softLimit: 65_535, hardLimit: 65_535 }],
      dockerLabels: { team: 'shop' },
      stopTimeout: 120,
      startTimeout: 60,
      command: ['run'],
      entryPoint: ['/bin/sh', '-c'],
      user: '0:0',
    },
    { name: 'router', image: 'amazon/aws-for-fluent-bit:stable', essential: false, memoryReservation: 50 },
  ],
};

test('RegisterTaskDefinition gives everything back, with what the service fills in', async () => {
  const registered = await register(FULL);
  assert.match(registered.taskDefinitionArn ?? '', /:task-definition\/shop_was-1:1$/);
  assert.equal(registered.revision, 1);
  assert.equal(registered.status, 'ACTIVE');
  assert.deepEqual(registered.compatibilities, ['EC2', 'FARGATE']);
  assert.equal(registered.registeredBy, 'arn:aws:iam::123456789012:user/l9s');
  assert.ok(registered.registeredAt instanceof Date);
  const filled = { cpu: 0, mountPoints: [], volumesFrom: [], systemControls: [] };
  const [was, router] = FULL.containerDefinitions ?? [];
  assert.deepEqual(registrable(registered), {
    ...FULL,
    cpu: '1024',
    memory: '2048',
    placementConstraints: [],
    containerDefinitions: [
      {
        ...filled,
        ...was,
        essential: true,
        portMappings: [
          { containerPort: 8180, hostPort: 8180, protocol: 'tcp', name: 'http', appProtocol: 'http' },
        ],
        healthCheck: { ...was?.healthCheck, interval: 30, timeout: 5, retries: 3 },
      },
      { ...filled, ...router, portMappings: [], environment: [] },
    ],
  });
  assert.deepEqual(await describe('shop_was-1'), registered);
});

test('what is described can be registered again: the next revision, the same otherwise', async () => {
  const own = await describe('lena-was');
  const [container] = own.containerDefinitions ?? [];
  const next = await register({
    ...registrable(own),
    containerDefinitions: [{ ...container, image: 'lenacloud/lena-cluster:1.3.2.11' }],
  });
  assert.equal(next.revision, 2);
  assert.deepEqual(
    registrable({ ...next, containerDefinitions: own.containerDefinitions }),
    registrable(own),
  );
  assert.equal(next.containerDefinitions?.[0]?.image, 'lenacloud/lena-cluster:1.3.2.11');
  assert.deepEqual((await describe('lena-was:1')).containerDefinitions, own.containerDefinitions);
  const twice = await register(FULL).then((first) => register(registrable(first)));
  assert.equal(twice.revision, 2);
});

test('members newer than the SDK are kept where the service has them, and refused elsewhere', () => {
  const newer = { wakeLimit: { attempts: 3 } };
  const [was] = FULL.containerDefinitions ?? [];
  const input = { ...FULL, ...newer, containerDefinitions: [{ ...was, ...newer }] };
  const { document } = readTaskDefinition(input, ['wakeLimit']);
  assert.equal(JSON.stringify(document).match(/"wakeLimit":\{"attempts":3\}/g)?.length, 2);
  assert.throws(() => readTaskDefinition(input, []), {
    type: 'InvalidParameterException',
    message: /"wakeLimit"/,
  });
});

test('a service runs what was registered, its variables and its secrets', async () => {
  ecs.simulator.createService({
    cluster: 'prod',
    name: 'shop',
    taskDefinition: 'lena-was',
    desiredCount: 1,
    runningSince: Date.now() - 3_600_000,
  });
  await register(FULL);
  await client.send(
    new UpdateServiceCommand({ cluster: 'prod', service: 'shop', taskDefinition: 'shop_was-1' }),
  );
  const { process } = await waitFor('the server to run', () =>
    ecs.processes.all().find((each) => each.process.image.endsWith(':1.3.2.11') && each.phase === 'ready'),
  );
  assert.equal(process.port, 8180);
  assert.equal(process.environment['LENA_CONFIG_TEMPLATE_ID'], 'shop-was:3');
  assert.equal(process.environment['LENA_MANAGER_KEY'], 'key');
  assert.equal(process.memoryLimitBytes, 2 * 1024 ** 3);
});

test('what was deregistered is described still, but no service is moved to it', async () => {
  ecs.simulator.createService({ cluster: 'prod', name: 'shop', taskDefinition: 'lena-was', desiredCount: 0 });
  await register(FULL);
  await register(FULL);
  ecs.simulator.deregisterTaskDefinition('shop_was-1:2');
  const described = await describe('shop_was-1:2');
  assert.equal(described.status, 'INACTIVE');
  assert.ok(described.deregisteredAt instanceof Date);
  assert.equal((await describe('shop_was-1')).revision, 1);
  const list = async (status?: 'INACTIVE') =>
    (await client.send(new ListTaskDefinitionsCommand({ familyPrefix: 'shop_was-1', status })))
      .taskDefinitionArns;
  assert.deepEqual(
    (await list())?.map((arn) => arn.split(':').at(-1)),
    ['1'],
  );
  assert.deepEqual(await list('INACTIVE'), [described.taskDefinitionArn]);
  await assert.rejects(
    client.send(
      new UpdateServiceCommand({ cluster: 'prod', service: 'shop', taskDefinition: 'shop_was-1:2' }),
    ),
    { name: 'ClientException', message: 'TaskDefinition is inactive' },
  );
  assert.equal((await register(FULL)).revision, 3);
});

test('tags stay apart from the definition', async () => {
  const answer = await client.send(
    new RegisterTaskDefinitionCommand({ ...FULL, tags: [{ key: 'team', value: 'shop' }] }),
  );
  assert.deepEqual(answer.tags, [{ key: 'team', value: 'shop' }]);
  const resourceArn = answer.taskDefinition?.taskDefinitionArn;
  const listed = await client.send(new ListTagsForResourceCommand({ resourceArn }));
  assert.deepEqual(listed.tags, answer.tags);
  const { tags } = await client.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: 'shop_was-1', include: ['TAGS'] }),
  );
  assert.deepEqual(tags, answer.tags);
});

test('refuses what could not run, and registers nothing then', async () => {
  const refused = (change: object, message: RegExp, name = 'ClientException') =>
    assert.rejects(register({ ...FULL, ...change }), { name, message });
  const [was, router] = FULL.containerDefinitions ?? [];
  const container = (change: object, message: RegExp) =>
    refused({ containerDefinitions: [{ ...was, ...change }, router] }, message);
  await refused({ family: '' }, /^Family can not be blank\.$/);
  await refused({ family: 'shop:1' }, /^Family contains invalid characters\.$/);
  await refused({ containerDefinitions: [] }, /^Container list cannot be empty\.$/);
  await refused(
    { memory: '1024' },
    /No Fargate configuration exists for given values: 1024 CPU, 1024 memory/,
  );
  await refused({ cpu: undefined }, /Fargate requires that 'cpu' be defined/);
  await refused({ memory: undefined }, /Fargate requires that 'memory' be defined/);
  await refused({ cpu: 'two' }, /Invalid 'cpu' setting/);
  await refused({ networkMode: 'bridge' }, /Fargate only supports network mode/);
  await refused({ executionRoleArn: undefined }, /'executionRoleArn'/);
  await refused({ volumes: [] }, /Unknown volume 'dumps'/);
  await refused({ requiresCompatibilities: ['MOON'] }, /MOON|should be one of/, 'InvalidParameterException');
  await container({ name: '' }, /^Container\.name should not be null or empty\.$/);
  await container({ image: undefined }, /^Container\.image should not be null or empty\.$/);
  await container({ image: 'two words' }, /^Container\.image contains invalid characters\.$/);
  await container({ name: 'router' }, /unique/);
  await container({ essential: false }, /essential/);
  await container({ portMappings: [{ containerPort: 8180, hostPort: 80 }] }, /must match/);
  await container({ stopTimeout: 121 }, /stopTimeout/);
  await container({ environment: [{ name: 'LENA_MANAGER_KEY', value: 'x' }] }, /such as 'LENA_MANAGER_KEY'/);
  await assert.rejects(describe('shop_was-1'), { name: 'ClientException', message: /Unable to describe/ });
});

test('a definition that cannot run on Fargate may be registered, but no service of it runs', async () => {
  ecs.simulator.createService({ cluster: 'prod', name: 'shop', taskDefinition: 'lena-was', desiredCount: 0 });
  const definition = await register({
    family: 'batch',
    containerDefinitions: [{ name: 'batch', image: 'busybox', memory: 64 }],
  });
  assert.deepEqual(definition.compatibilities, ['EC2']);
  assert.equal(definition.networkMode, 'bridge');
  await assert.rejects(
    client.send(new UpdateServiceCommand({ cluster: 'prod', service: 'shop', taskDefinition: 'batch' })),
    { name: 'InvalidParameterException', message: /does not support launch_type FARGATE/ },
  );
  await assert.rejects(
    register({ family: 'batch', containerDefinitions: [{ name: 'batch', image: 'busybox' }] }),
    /At least one of 'memory' or 'memoryReservation'/,
  );
});
