import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refOf } from '../../src/domain/ref.ts';
import type { Server } from '../../src/domain/server.ts';
import { threadPercent, webThreads, workerCounts } from '../../src/views/web-reading.ts';

const serverWith = (jvm: Server['jvm']): Server => ({
  ref: refOf('server', 'prod', 'web-0'),
  name: 'web-0',
  type: 'web',
  typeReason: 'test',
  contextKind: 'kube',
  revision: {},
  state: 'ready',
  health: { level: 'ok', reasons: [] },
  seenAt: 0,
  labels: {},
  environment: [],
  containers: [],
  records: {},
  jvm,
});
const workersIn = (...states: readonly (string | undefined)[]) =>
  workerCounts(
    serverWith({
      source: 'l9s',
      at: 0,
      web: { workers: states.map((state, index) => ({ name: `was-${index}`, state })) },
    }),
  );

test('back ends are counted by what balancers say of them', () => {
  assert.deepEqual(workersIn('OK', 'OK/IDLE', 'Init Ok', 'up', 'ACT'), { all: 5, down: 0, unsaid: 0 });
  assert.deepEqual(
    workersIn('ERR', 'ERR/REC', 'Init Err', 'down', 'Disabled', 'stopped', 'MAINT', 'unhealthy', 'unavail'),
    { all: 9, down: 9, unsaid: 0 },
  );
  assert.deepEqual(workersIn('Init Dis', 'STP', 'Init Drn', 'Init HcFl', 'discovered'), {
    all: 5,
    down: 4,
    unsaid: 0,
  });
  assert.deepEqual(workersIn('OK', undefined), { all: 2, down: 0, unsaid: 1 });
  assert.equal(workerCounts(serverWith(undefined)), undefined, 'not known is not none');
});

test('threads are its own word, else its Manager’s', () => {
  const connectors = [{ name: 'threads', busy: 30, max: 400 }];
  const told = serverWith({ source: 'manager', at: 0, connectors });
  assert.deepEqual(webThreads(told), { active: 30, idle: undefined, max: 400 });
  const own = serverWith({ source: 'l9s', at: 0, connectors, web: { activeThreads: 5, maxThreads: 10 } });
  assert.deepEqual(webThreads(own), { active: 5, idle: undefined, max: 10 });
  assert.equal(threadPercent(own), 50);
  assert.equal(threadPercent(serverWith(undefined)), undefined);
});
