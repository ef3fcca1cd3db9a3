import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWebMonitor } from '../../src/wire/web-monitor/read-monitor.ts';

const BODY = {
  currentTime: '1768453200000',
  restartTime: '1768449600000',
  systemCpuUsage: '1.5',
  userCpuUsage: '2.25',
  totalAccess: '4200',
  totalTraffic: '512',
  maxThreads: '400',
  activeThreads: '37',
  idleThreads: '63',
  wasInfos: [
    {
      jvmRoute: 'was-1',
      state: 'OK',
      maxConnections: '100',
      activeConnections: '7',
      idleConnections: '3',
      totalAccess: '2100',
      totalError: '2',
    },
    { state: 'ERR' },
  ],
  processInfos: [{ pid: '12' }, { pid: 'x' }],
};

test('reads every documented field, all of them strings', () => {
  const read = readWebMonitor(JSON.stringify(BODY));
  assert.ok(read.kind === 'monitor');
  assert.deepEqual(read.monitor, {
    at: 1_768_453_200_000,
    startedAt: 1_768_449_600_000,
    cpuMs: 3_750,
    requests: 4_200,
    trafficBytes: 524_288,
    maxThreads: 400,
    activeThreads: 37,
    idleThreads: 63,
    workers: [{ name: 'was-1', state: 'OK', max: 100, active: 7, idle: 3, requests: 2_100, errors: 2 }],
    pids: [12],
  });
});

test('a value that is no number is not known, and zero is zero', () => {
  const read = readWebMonitor(
    JSON.stringify({ ...BODY, activeThreads: '-', idleThreads: '0', totalTraffic: '-5' }),
  );
  assert.ok(read.kind === 'monitor');
  const { activeThreads, idleThreads, trafficBytes } = read.monitor;
  assert.deepEqual([activeThreads, idleThreads, trafficBytes], [undefined, 0, undefined]);
});

for (const [what, body, why] of [
  ['a page', '<html>404</html>', /a page came/],
  ['half an answer', '{"maxThreads": "4', /no JSON$/],
  ['a list', '[]', /no JSON object/],
  ['another object', '{"status":"UP"}', /neither maxThreads/],
] as const)
  test(`says why ${what} tells nothing`, () => {
    const read = readWebMonitor(body);
    assert.ok(read.kind === 'unreadable');
    assert.match(read.why, why);
  });
