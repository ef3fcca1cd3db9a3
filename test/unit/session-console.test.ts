import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConsoleStatus } from '../../src/diagnosis/session-console/console-status.ts';
import { readWasList } from '../../src/diagnosis/session-console/was-list.ts';
import { SESSION_COUNTERS } from '../support/session-counters.ts';

for (const [how, write] of [
  ['name=value', (name: string, value: number) => `${name}=${value}`],
  ['name: value', (name: string, value: number) => `${name}: ${value}`],
  ['JSON', (name: string, value: number) => `"${name}" : "${value}"`],
] as const) {
  test(`reads every documented counter written as ${how}`, () => {
    const body = SESSION_COUNTERS.map((name, index) => write(name, index + 1)).join(', ');
    const status = readConsoleStatus(`connecting to localhost\n{${body}}\n`);
    assert.deepEqual(
      SESSION_COUNTERS.map((name) => status?.counters[name]),
      SESSION_COUNTERS.map((_, index) => index + 1),
    );
    assert.deepEqual(
      [status?.sessions, status?.maxSessions, status?.timeoutMs, status?.expired, status?.fromSecondary],
      [1, 2, 3_000, 4, 18],
    );
    assert.deepEqual(status?.lost, { received: 21, requests: 22, responses: 23 });
  });
}

for (const output of [
  '',
  'connect fail : Connection refused',
  '{}',
  '{session_count=-1}',
  '{pid=4}',
  '{'.repeat(1e5),
])
  test(`is not known from ${JSON.stringify(output.slice(0, 30))}`, () =>
    assert.equal(readConsoleStatus(output), undefined));

for (const [output, count] of [
  ['{session_count=5, session_max_count=9}', 5],
  ['{session_max_count=9,session_count=5}', 5],
  ['{"session_count": "12"}', 12],
  ['session_count : 7', 7],
  ['{old_session_count=5}', undefined],
] as const) {
  test(`reads session_count of ${output} as ${count}`, () =>
    assert.equal(readConsoleStatus(output)?.sessions, count));
}

test('lists the servers that keep their sessions here', () => {
  const output =
    '{addr=/10.1.0.5:8180, name=was-1, server_name=appServer, pid=77, hostname=was-1, jvmName=77@was-1}\n' +
    '{addr=was-2.local/10.1.0.6:8180, hostname=was-2}\n{noise=1}\n';
  assert.deepEqual(
    readWasList(output).map(({ address, serverName, hostName, jvmName }) => [
      address,
      serverName,
      hostName,
      jvmName,
    ]),
    [
      ['10.1.0.5:8180', 'appServer', 'was-1', '77@was-1'],
      ['10.1.0.6:8180', undefined, 'was-2', undefined],
    ],
  );
});

test('what is endless is cut, not read for ever', () => {
  const status = readConsoleStatus(`{session_count=5, ${'x=1, '.repeat(100_000)}}`);
  assert.equal(status?.sessions, 5);
  assert.ok(readWasList('{addr=/1.1.1.1:1}'.repeat(100_000)).length <= 4_096);
});
