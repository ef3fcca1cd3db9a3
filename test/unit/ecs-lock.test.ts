import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as sdk from '@aws-sdk/client-ecs';
import { AppError } from '../../src/core/app-error.ts';
import { MODES, type Mode } from '../../src/domain/policy.ts';
import { assertEcsUnlocked, effectOfEcsOperation } from '../../src/sources/ecs/ecs-lock.ts';
import { inMode } from '../support/modes.ts';

const REGION = 'ap-northeast-2';
const signedFor = (region = REGION, service = 'ecs') =>
  `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/${region}/${service}/aws4_request, SignedHeaders=host, Signature=00`;
const request = (operation: string) => ({
  method: 'POST',
  path: '/',
  query: {},
  headers: {
    'x-amz-target': `AmazonEC2ContainerServiceV20141113.${operation}`,
    authorization: signedFor(),
  },
});

function outcome(departure: unknown, mode: Mode): string {
  try {
    assertEcsUnlocked(departure, REGION, inMode(mode));
    return 'sent';
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, 'TRANSPORT_LOCKED');
    return error.message;
  }
}
const OPERATIONS = Object.keys(sdk).flatMap((name) =>
  name.endsWith('Command') && name !== '$Command' ? [name.slice(0, -'Command'.length)] : [],
);

test('of every operation the SDK knows, readonly and triage let out lists and descriptions only', () => {
  assert.ok(OPERATIONS.length > 50);
  for (const operation of OPERATIONS) {
    assert.equal(outcome(request(operation), 'normal'), 'sent', operation);
    for (const mode of ['readonly', 'triage'] as const) {
      const isRead = /^(List|Describe)/.test(operation);
      assert.equal(outcome(request(operation), mode) === 'sent', isRead, `${operation} in ${mode}`);
    }
  }
});

test('names operation, mode and origin', () => {
  assert.match(
    outcome(request('UpdateService'), 'readonly'),
    /UpdateService on ECS ap-northeast-2.*mode readonly \(set by the test\)/,
  );
});

const exec = (input: unknown, body: unknown = JSON.stringify(input)) => ({
  ...request('ExecuteCommand'),
  body,
});
const LOOK = { cluster: 'c', task: 't', container: 'was', interactive: true, command: 'ls -1 /tmp' };

test('a command of the list passes in triage, and never in readonly', () => {
  assert.equal(outcome(exec(LOOK), 'normal'), 'sent');
  assert.equal(outcome(exec(LOOK), 'triage'), 'sent');
  assert.match(outcome(exec(LOOK), 'readonly'), /ExecuteCommand.*mode readonly/);
  const reading = { ...LOOK, command: 'l9s attach --stdio' };
  assert.match(outcome(exec(reading), 'readonly'), /mode readonly/);
});

test('what only looks like a command of the list does not pass in triage', () => {
  for (const command of [
    'ls -1 /tmp;id',
    'ls  -1 /tmp',
    'ls -1 /tmp ',
    ' ls -1 /tmp',
    'ls -1 /tmp\n',
    'ls -1 "/tmp"',
    'ls -1 /tmp /etc',
    'ls -1 /tmp/../etc',
    'ls -1 /proc/1/environ',
    'cat /proc/1/environ',
    'sh -c ls',
    '/bin/ls -1 /tmp',
    'ls\u00a0-1 /tmp',
    '',
    7,
    ['ls', '-1', '/tmp'],
  ]) {
    assert.match(outcome(exec({ ...LOOK, command }), 'triage'), /mode triage/, JSON.stringify(command));
  }
  const { container, ...anywhere } = LOOK;
  assert.equal(container, 'was');
  for (const departure of [
    exec({ ...LOOK, interactive: false }),
    exec({ ...LOOK, interactive: 'true' }),
    exec({ ...LOOK, another: 1 }),
    exec(anywhere),
    { ...request('ExecuteCommand'), body: undefined },
    exec(LOOK, LOOK),
    exec(LOOK, `${JSON.stringify(LOOK)} `),
    exec(LOOK, JSON.stringify(LOOK).replace('{', '{"command":"reboot",')),
    exec(LOOK, Buffer.from(JSON.stringify(LOOK))),
    exec(LOOK, '[]'),
    exec(LOOK, 'null'),
  ]) {
    assert.match(outcome(departure, 'triage'), /mode triage/, JSON.stringify(departure.body));
  }
});

test('a shell in a container is a change, ending something destroys', () => {
  assert.equal(effectOfEcsOperation('ExecuteCommand'), 'change');
  assert.equal(effectOfEcsOperation('StopTask'), 'destroy');
  assert.equal(effectOfEcsOperation('DeleteService'), 'destroy');
  assert.equal(effectOfEcsOperation('Listen'), 'change');
  assert.equal(effectOfEcsOperation('DescribeServices'), 'observe');
});

const read = request('ListClusters');
const { headers } = read;
for (const [what, departure] of [
  ['no request', undefined],
  ['text', 'ListClusters'],
  ['another method', { ...read, method: 'GET' }],
  ['another path', { ...read, path: '/x' }],
  ['a query', { ...read, query: { Action: 'DeleteService' } }],
  ['no target', { ...read, headers: { authorization: headers.authorization } }],
  [
    'another service’s target',
    { ...read, headers: { ...headers, 'x-amz-target': 'Logs_20140328.DescribeLogGroups' } },
  ],
  [
    'a target with more behind it',
    { ...read, headers: { ...headers, 'x-amz-target': `${headers['x-amz-target']}\nUpdateService` } },
  ],
  [
    'two targets',
    { ...read, headers: { ...headers, 'X-Amz-Target': 'AmazonEC2ContainerServiceV20141113.DeleteService' } },
  ],
  ['no signature', { ...read, headers: { 'x-amz-target': headers['x-amz-target'] } }],
  [
    'another service’s signature',
    { ...read, headers: { ...headers, authorization: signedFor(REGION, 'ec2') } },
  ],
  ['another region’s signature', { ...read, headers: { ...headers, authorization: signedFor('us-east-1') } }],
] as const) {
  test(`lets ${what} out in no mode`, () => {
    for (const mode of MODES) assert.match(outcome(departure, mode), /refused by the client in every mode/);
  });
}
