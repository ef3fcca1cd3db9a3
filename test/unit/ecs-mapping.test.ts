import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskWords } from '../../src/domain/secret-name.ts';
import { selectClusters } from '../../src/sources/ecs/cluster-names.ts';
import { isDenial, toEcsError } from '../../src/sources/ecs/ecs-errors.ts';
import {
  readEach,
  serviceSchema,
  taskDefinitionSchema,
  taskSchema,
} from '../../src/sources/ecs/ecs-records.ts';
import { serviceEvent, serviceWorkload } from '../../src/sources/ecs/service-workload.ts';
import { taskInstance, taskState } from '../../src/sources/ecs/task-instance.ts';

const TASK = 'arn:aws:ecs:eu-west-1:111122223333:task/shop/0123456789abcdef0123456789abcdef';
const task = (fields: object) => taskSchema.parse({ taskArn: TASK, ...fields });
const definition = (containers: readonly object[], fields: object = {}) =>
  taskDefinitionSchema.parse({
    taskDefinitionArn: 'arn:x:task-definition/was:4',
    containerDefinitions: containers,
    ...fields,
  });
const facts = { context: 'c', cluster: 'shop', readySince: 5, seenAt: 9 };

test('maps every last status, with and without a health check', () => {
  const checked = definition([{ name: 'was', healthCheck: { command: ['true'] } }]);
  const plain = definition([{ name: 'was' }]);
  const stateOf = (fields: object, of = plain) => taskState(task(fields), of);
  for (const lastStatus of ['PROVISIONING', 'PENDING', 'ACTIVATING']) {
    assert.equal(stateOf({ lastStatus, desiredStatus: 'RUNNING' }), 'starting');
    assert.equal(stateOf({ lastStatus, desiredStatus: 'STOPPED' }), 'stopping');
  }
  assert.equal(stateOf({ lastStatus: 'RUNNING', healthStatus: 'UNKNOWN' }), 'ready');
  assert.equal(stateOf({ lastStatus: 'RUNNING', healthStatus: 'UNKNOWN' }, checked), 'starting');
  assert.equal(stateOf({ lastStatus: 'RUNNING', healthStatus: 'HEALTHY' }, checked), 'ready');
  assert.equal(stateOf({ lastStatus: 'RUNNING', healthStatus: 'UNHEALTHY' }, checked), 'notReady');
  assert.equal(stateOf({ lastStatus: 'RUNNING', desiredStatus: 'STOPPED' }), 'stopping');
  assert.equal(stateOf({ lastStatus: 'STOPPED', stopCode: 'ServiceSchedulerInitiated' }), 'stopped');
  assert.equal(stateOf({ lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart' }), 'failed');
  const exited = { lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited' };
  assert.equal(stateOf({ ...exited, containers: [{ name: 'was', exitCode: 137 }] }), 'failed');
  assert.equal(stateOf({ ...exited, containers: [{ name: 'was', exitCode: 143 }] }), 'stopped');
  assert.equal(stateOf({ lastStatus: 'SOMETHING_NEW' }), 'unknown');
  assert.equal(stateOf({}), 'unknown');
});

test('takes the LENA container for the server although a proxy comes first', () => {
  const of = definition(
    [
      { name: 'envoy', portMappings: [{ containerPort: 9901 }], environment: [{ name: 'A', value: '1' }] },
      {
        name: 'was',
        portMappings: [{ containerPort: 8180 }],
        environment: [
          { name: 'LENA_SERVER_TYPE', value: 'was' },
          { name: 'LENA_JVM_OPTIONS', value: '-Xmx1g -Ddb.password=s3cret -Da=b' },
        ],
        secrets: [{ name: 'LENA_CONTRACT_CODE', valueFrom: 'arn:secret' }],
        stopTimeout: 90,
      },
    ],
    { cpu: '1024', memory: '2048' },
  );
  const instance = taskInstance(
    task({
      lastStatus: 'RUNNING',
      containers: [{ name: 'envoy' }, { name: 'was', image: 'lena\u001b:1', runtimeId: 'a'.repeat(64) }],
      overrides: { containerOverrides: [{ name: 'was', environment: [{ name: 'EXTRA', value: 'yes' }] }] },
      attachments: [{ details: [{ name: 'privateDnsName', value: 'ip-10-0-0-1.ec2.internal' }] }],
      group: 'service:lena-was',
    }),
    { ...facts, definition: of },
  );
  assert.deepEqual(
    instance.containers.map(({ name }) => name),
    ['was', 'envoy'],
  );
  assert.deepEqual(instance.ports, [8180, 9901]);
  assert.deepEqual(instance.hostNames, ['ip-10-0-0-1.ec2.internal', 'ip-10-0-0-1', 'a'.repeat(12)]);
  assert.equal(instance.gracePeriodMs, 90_000);
  assert.equal(instance.containers[0]?.memoryLimitBytes, 2048 * 1_048_576);
  const values = Object.fromEntries(instance.environment.map(({ name, value }) => [name, value]));
  assert.deepEqual(values, {
    LENA_SERVER_TYPE: 'was',
    LENA_JVM_OPTIONS: '-Xmx1g -Ddb.password=*** -Da=b',
    EXTRA: 'yes',
    LENA_CONTRACT_CODE: undefined,
  });
  assert.ok(!JSON.stringify(instance).includes('\\u001b'));
});

test('a record of wrong shapes is read as far as it goes, or dropped and counted', () => {
  const { good, dropped } = readEach(taskSchema, [
    { taskArn: TASK, containers: 'x', createdAt: 'never', attachments: [{ details: [{ name: 1 }] }, 3] },
    { taskArn: 4 },
    undefined,
  ]);
  assert.equal(dropped, 2);
  assert.deepEqual(good[0]?.containers, []);
  assert.equal(good[0]?.createdAt, undefined);
});

test('tells rollouts apart', () => {
  const workload = (fields: object) =>
    serviceWorkload(serviceSchema.parse({ serviceArn: 'a', serviceName: 'was', ...fields }), {
      ...facts,
      definition: undefined,
      ready: undefined,
    }).rollout.state;
  assert.equal(workload({ desiredCount: 1, runningCount: 1 }), 'stable');
  assert.equal(workload({ desiredCount: 2, runningCount: 1 }), 'progressing');
  const deployment = (rolloutState: string) => [{ status: 'PRIMARY', rolloutState }];
  assert.equal(workload({ deployments: deployment('IN_PROGRESS') }), 'progressing');
  assert.equal(workload({ deployments: deployment('FAILED') }), 'failed');
});

test('names service events by their sentences', () => {
  const service = serviceSchema.parse({ serviceArn: 'a', serviceName: 'was' });
  const typeOf = (message: string) => {
    const { type, level } = serviceEvent(service, { id: '1', message }, facts);
    return `${type} ${level}`;
  };
  assert.equal(typeOf('(service was) has reached a steady state.'), 'service-steady info');
  assert.equal(typeOf('(service was) was unable to place a task because …'), 'placement-failed error');
  assert.equal(
    typeOf('(service was) is unable to consistently start tasks successfully.'),
    'task-start-failed error',
  );
  assert.equal(typeOf('(service was) has started 2 tasks: (task a) (task b).'), 'tasks-started info');
  assert.equal(typeOf('(service was) (port 8180) is unhealthy in target-group x'), 'unhealthy warning');
});

test('selects clusters by glob or name, and plain characters stay plain', () => {
  const selection = selectClusters(['lena-*', 'a.b?', 'exact']);
  assert.deepEqual(selection.literals, ['exact']);
  assert.deepEqual(
    ['lena-x', 'xlena-', 'a.bc', 'aXbc', 'exact'].filter((name) => selection.matches(name)),
    ['lena-x', 'a.bc'],
  );
  assert.ok(selectClusters([]).matches('anything'));
});

test('gives each SDK error its code', () => {
  const codeOf = (name: string, message: string, extra: object = {}) =>
    toEcsError(Object.assign(new Error(message), { name, ...extra }), 'ListTasks').code;
  assert.equal(codeOf('AccessDeniedException', 'not authorized to perform: ecs:ListTasks'), 'FORBIDDEN');
  assert.equal(codeOf('ThrottlingException', 'Rate exceeded'), 'THROTTLED');
  assert.equal(codeOf('ExpiredTokenException', 'expired'), 'UNAUTHORIZED');
  assert.equal(
    codeOf('CredentialsProviderError', 'Could not load credentials from any providers'),
    'CREDENTIALS_MISSING',
  );
  assert.equal(
    codeOf('CredentialsProviderError', 'Profile x requires multi-factor authentication'),
    'NEEDS_LOGIN',
  );
  assert.equal(
    codeOf('CredentialsProviderError', 'The SSO session associated with this profile has expired'),
    'UNAUTHORIZED',
  );
  assert.equal(codeOf('Error', 'Region is missing'), 'REGION_MISSING');
  assert.equal(
    codeOf('InvalidSignatureException', 'Credential should be scoped to a valid region.'),
    'REGION_WRONG',
  );
  assert.equal(codeOf('Error', 'getaddrinfo', { code: 'ENOTFOUND' }), 'NAME_UNKNOWN');
  assert.equal(codeOf('TimeoutError', 'socket hang up', { code: 'ECONNRESET' }), 'CONNECTION_LOST');
  assert.equal(
    codeOf('SyntaxError', 'Unexpected token <', { $metadata: { httpStatusCode: 502 } }),
    'REMOTE_ERROR',
  );
  assert.ok(isDenial('FORBIDDEN') && !isDenial('THROTTLED'));
});

test('masks secrets inside words', () => {
  assert.equal(
    maskWords('--api-token=abc -Xmx=1g url=https://u:p@h/'),
    '--api-token=*** -Xmx=1g url=https://***@h/',
  );
  assert.equal(
    maskWords('password=abc Bearer abc.def-123 is refused; Basic: no'),
    'password=*** Bearer *** is refused; Basic: no',
  );
});
