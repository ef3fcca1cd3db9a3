import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { readTaskDefinition, registeredArn, withVariable } from '../../src/actions/ecs/task-definition.ts';
import { AppError } from '../../src/core/app-error.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { EcsCall } from '../../src/domain/call.ts';
import type { Mode } from '../../src/domain/policy.ts';
import { EcsBudgets } from '../../src/sources/ecs/ecs-budget.ts';
import { createEcsRemote } from '../../src/sources/ecs/ecs-remote.ts';
import type { EcsConnectionOptions } from '../../src/sources/ecs/ecs-source.ts';
import { startEcs } from '../support/fleet-ecs.ts';
import { inMode } from '../support/modes.ts';
import { listenTiny } from '../support/sources-server.ts';
import { startTls } from '../support/sources-tls.ts';

const SIGNAL = AbortSignal.timeout(60_000);
const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';
const SCALE: EcsCall = {
  system: 'ecs',
  operation: 'UpdateService',
  input: { cluster: 'prod', service: 'lena-was', desiredCount: 3 },
};

async function remoteOf(
  context: TestContext,
  endpoint: string,
  options: Partial<EcsConnectionOptions> & { readonly in?: Mode } = {},
) {
  const remote = await createEcsRemote({
    context: 'seoul',
    region: 'ap-northeast-2',
    endpoint,
    clock: systemClock,
    random: () => 0.5,
    environment: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET },
    mode: inMode(options.in),
    budgets: new EcsBudgets(),
    timeoutMs: 2_000,
    ...options,
  });
  context.after(() => remote.close());
  return remote;
}

async function fleetRemote(
  context: TestContext,
  options: { readonly in?: Mode; readonly newerMembers?: readonly string[] } = {},
) {
  const setup = await startEcs(
    options.newerMembers === undefined ? {} : { newerMembers: options.newerMembers },
  );
  context.after(setup.close);
  const { simulator } = setup;
  simulator.createService({
    cluster: 'prod',
    name: 'lena-was',
    taskDefinition: 'lena-was:1',
    desiredCount: 2,
  });
  const remote = await remoteOf(context, simulator.endpoint, {
    environment: {
      AWS_ACCESS_KEY_ID: simulator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.secretAccessKey,
    },
    mode: inMode(options.in),
  });
  const count = async () => {
    const { services } = await remote.read(
      'DescribeServices',
      { cluster: 'prod', services: ['lena-was'] },
      SIGNAL,
    );
    return JSON.stringify(services).match(/"desiredCount":(\d+)/)?.[1];
  };
  const asked = () => simulator.requests.filter(({ path }) => path === '/UpdateService').length;
  return { simulator, remote, count, asked };
}

/** An endpoint that answers as told, with the bodies that reached it. */
async function tinyEcs(
  context: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const bodies: string[] = [];
  const server = await listenTiny((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      bodies.push(`${request.headers['x-amz-target']} ${text}`);
      answer(request, response);
    });
  });
  context.after(() => server.close());
  return { ...server, bodies };
}
const json = (status: number, body: unknown) => (_: IncomingMessage, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
};
const fault = (status: number, type: string, message = 'words of the service') =>
  json(status, { __type: `com.amazonaws.ecs#${type}`, message });

test('sends exactly the input planned, members no SDK knows included, and gives the answer as it came', async (context) => {
  const answer = { service: { createdAt: 1_795_268_730.5, newerThanTheSdk: [1, { a: null }] } };
  const ecs = await tinyEcs(context, json(200, answer));
  const remote = await remoteOf(context, ecs.url);
  const input = { ...SCALE.input, 'newer-member': { deep: [true, 1.5, '한글'] } };
  assert.deepEqual(await remote.send({ ...SCALE, input }, SIGNAL), { outcome: 'done', answer });
  assert.deepEqual(ecs.bodies, [`AmazonEC2ContainerServiceV20141113.UpdateService ${JSON.stringify(input)}`]);
});

for (const [what, answer, outcome, error] of [
  ['a missing right', fault(400, 'AccessDeniedException'), 'failed', 'PERMISSION_DENIED'],
  ['an inactive service', fault(400, 'ServiceNotActiveException'), 'failed', 'ACTION_IMPOSSIBLE'],
  ['a missing service', fault(400, 'ServiceNotFoundException'), 'failed', 'NOT_FOUND'],
  ['a missing cluster', fault(400, 'ClusterNotFoundException'), 'failed', 'NOT_FOUND'],
  ['a bad parameter', fault(400, 'InvalidParameterException'), 'failed', 'ACTION_IMPOSSIBLE'],
  ['a client error', fault(400, 'ClientException'), 'failed', 'ACTION_IMPOSSIBLE'],
  ['an update under way', fault(400, 'UpdateInProgressException'), 'failed', 'CONFLICT'],
  ['throttling', fault(400, 'ThrottlingException'), 'failed', 'THROTTLED'],
  ['expired credentials', fault(400, 'ExpiredTokenException'), 'failed', 'UNAUTHORIZED'],
  ['a fault of the service', fault(500, 'ServerException'), 'unknown', 'OUTCOME_UNKNOWN'],
  ['an overloaded service', fault(503, 'ServiceUnavailable'), 'unknown', 'OUTCOME_UNKNOWN'],
  [
    'a page',
    (_: IncomingMessage, response: ServerResponse) => response.end('<html>login</html>'),
    'unknown',
    'OUTCOME_UNKNOWN',
  ],
  ['JSON of no object', json(200, [1]), 'unknown', 'OUTCOME_UNKNOWN'],
  ['a cut connection', (request: IncomingMessage) => request.socket.destroy(), 'unknown', 'OUTCOME_UNKNOWN'],
] as const) {
  test(`${what} is ${outcome} ${error}, after one request`, async (context) => {
    const ecs = await tinyEcs(context, answer);
    const remote = await remoteOf(context, ecs.url);
    const sent = await remote.send(SCALE, SIGNAL);
    assert.equal(sent.outcome, outcome, JSON.stringify(sent));
    assert.ok('error' in sent);
    assert.equal(sent.error.code, error, sent.error.message);
    assert.ok(!JSON.stringify(sent).includes(SECRET));
    assert.equal(ecs.requests.length, 1);
  });
}

test('an abort while the answer is awaited is unknown, one before is not sent', async (context) => {
  const abort = new AbortController();
  const ecs = await tinyEcs(context, () => abort.abort());
  const remote = await remoteOf(context, ecs.url);
  assert.equal((await remote.send(SCALE, abort.signal)).outcome, 'unknown');
  assert.equal((await remote.send(SCALE, abort.signal)).outcome, 'notSent');
  assert.equal(ecs.requests.length, 1);
});

test('nothing is sent without a listener, a name, trust or credentials', async (context) => {
  const ecs = await tinyEcs(context, json(200, {}));
  const tls = await startTls(ecs.port);
  context.after(() => tls.close());
  const gone = await listenTiny(() => undefined);
  await gone.close();
  for (const [endpoint, code, options] of [
    [gone.url, 'REFUSED', {}],
    ['http://ecs.invalid', 'NAME_UNKNOWN', {}],
    [tls.url, 'TLS_UNTRUSTED', {}],
    [ecs.url, 'CREDENTIALS_MISSING', { profile: 'no-such-profile', environment: {} }],
  ] as const) {
    const sent = await (await remoteOf(context, endpoint, options)).send(SCALE, SIGNAL);
    assert.equal(sent.outcome, 'notSent', `${endpoint} ${JSON.stringify(sent)}`);
    assert.ok('error' in sent);
    assert.equal(sent.error.code, code, sent.error.message);
  }
  assert.deepEqual(ecs.requests, []);
});

test('an answer that is lost is unknown, was carried out, and is not asked for again', async (context) => {
  const { simulator, remote, count, asked } = await fleetRemote(context);
  simulator.loseAnswers(1);
  assert.equal((await remote.send(SCALE, SIGNAL)).outcome, 'unknown');
  assert.equal(asked(), 1);
  assert.equal(await count(), '3');
});

test('throttled reads are repeated, throttled writes are not', async (context) => {
  const { simulator, remote, asked } = await fleetRemote(context);
  simulator.setThrottle(1, 'writes');
  const sent = await remote.send(SCALE, SIGNAL);
  assert.ok('error' in sent);
  assert.equal(sent.error.code, 'THROTTLED');
  assert.equal(asked(), 1);
  let answers = 0;
  const ecs = await tinyEcs(context, (request, response) => {
    const answer = ++answers < 3 ? fault(400, 'ThrottlingException') : json(200, { clusterArns: [] });
    answer(request, response);
  });
  const throttled = await remoteOf(context, ecs.url);
  assert.deepEqual(await throttled.read('ListClusters', {}, SIGNAL), { clusterArns: [] });
  assert.equal(answers, 3);
});

for (const mode of ['readonly', 'triage'] as const) {
  test(`in ${mode} reads pass and no write leaves`, async (context) => {
    const { remote, count, asked, simulator } = await fleetRemote(context, { in: mode });
    for (const operation of [
      'UpdateService',
      'StopTask',
      'ExecuteCommand',
      'RegisterTaskDefinition',
      'Anything',
    ]) {
      const sent = await remote.send({ ...SCALE, operation }, SIGNAL);
      assert.ok(sent.outcome === 'notSent');
      assert.equal(sent.error.code, 'TRANSPORT_LOCKED');
      assert.match(sent.error.message, new RegExp(`${operation}.*${mode} \\(set by the test\\)`));
    }
    assert.equal(await count(), '2');
    assert.equal(asked(), 0);
    assert.ok(simulator.requests.every(({ path }) => /^\/(List|Describe)/.test(path)));
  });
}

test('reads only what reads, and refuses requests of other systems', async (context) => {
  const { remote, asked } = await fleetRemote(context);
  await assert.rejects(
    remote.read('UpdateService', SCALE.input, SIGNAL),
    (error) => error instanceof AppError && error.code === 'TRANSPORT_LOCKED',
  );
  const sent = await remote.send({ system: 'kube', method: 'DELETE', path: '/api/v1/nodes/n' }, SIGNAL);
  assert.equal(sent.outcome, 'notSent');
  assert.equal(await remote.dryRun(SCALE, SIGNAL), undefined);
  assert.equal(asked(), 0);
});

test('says who it is by profile and account, never by a key', async (context) => {
  const { remote, simulator } = await fleetRemote(context);
  assert.equal(await remote.identity(SIGNAL), 'account 123456789012');
  assert.ok(!(await remote.identity(SIGNAL))?.includes(simulator.accessKeyId));
});

test('registers a definition anew with one variable changed and everything else as it was', async (context) => {
  const { remote } = await fleetRemote(context, { newerMembers: ['newerThanTheSdk'] });
  const first = await readTaskDefinition(remote, 'lena-was:1', SIGNAL);
  const newer = {
    ...first,
    document: { ...first.document, newerThanTheSdk: { a: [1] } },
    tags: [
      { key: 'team', value: 'shop' },
      { key: 'aws:cloudformation:stack-name', value: 's' },
    ],
  };
  const variable = { name: 'LENA_CONFIG_TEMPLATE_ID', value: 'SHOP:3' };
  const input = withVariable(newer, 'lena-was', variable);
  assert.deepEqual(input['tags'], [{ key: 'team', value: 'shop' }]);
  const sent = await remote.send({ system: 'ecs', operation: 'RegisterTaskDefinition', input }, SIGNAL);
  assert.ok(sent.outcome === 'done', JSON.stringify(sent));
  const second = await readTaskDefinition(remote, registeredArn(sent.answer), SIGNAL);
  assert.equal(second.name, 'lena-was:2');
  const back = { ...variable, value: 'SHOP:2' };
  assert.deepEqual(withVariable(second, 'lena-was', back), withVariable(newer, 'lena-was', back));
  assert.throws(() => withVariable(first, 'other', variable), /no such container/);
  assert.throws(
    () => withVariable(first, 'lena-was', { name: 'LENA_CONTRACT_CODE', value: 'x' }),
    /comes from a secret/,
  );
});
