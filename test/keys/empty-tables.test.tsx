import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { refOf } from '../../src/domain/ref.ts';
import { NOW, putOf, templateDefaultOf, workloadOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const open = () =>
  openConsole({
    changes: [
      ...fleetOf(1),
      putOf('workload', workloadOf('batch', { desired: 0, ready: 0 })),
      putOf('workload', workloadOf('late', { desired: 3, ready: 0 })),
    ],
    columns: 120,
    rows: 24,
    isActing: true,
  });
const running: AuditEntry = {
  ref: refOf('audit', 'prod', 'a1'),
  at: NOW,
  actor: { user: 'lee', host: 'bastion', pid: 8, identities: {} },
  mode: 'normal',
  action: 'restart',
  effect: 'change',
  title: 'restart was-9 in prod',
  targets: [],
  calls: [],
  result: 'running',
};

test('a workload without servers says how many it wants', async () => {
  const app = await open();
  await app.press(':workloads\r', '<enter>');
  assert.match(app.screen(), /batch has no servers; 0 wanted/);
  await app.press('<esc>', 'j', '<enter>');
  assert.match(app.screen(), /late has no servers; 3 wanted/);
  app.close();
});

test('a target and a service cluster without servers say so', async () => {
  const app = await open();
  await app.data(putOf('templateDefault', templateDefaultOf('NEW-001', '1', 'prod')));
  await app.press(':sc\r', '/', '^NEW-001$', '<enter>', '<enter>');
  assert.match(app.screen(), /No server is known to belong to NEW-001/);
  await app.press(':contexts\r', '/', '^vms$', '<enter>', 'o');
  assert.match(app.screen(), /Nothing known of vms: it is connecting/);
  app.store.setStatus('vms', { state: 'live', lastGoodAt: NOW });
  await app.afterData();
  assert.match(app.screen(), /vms has no servers/);
  app.close();
});

test('a row nothing was done to says so, and so does the whole audit', async () => {
  const app = await open();
  await app.press('!');
  assert.match(app.screen(), /Nothing was done to it from here/);
  await app.press(':audit\r');
  assert.match(app.screen(), /Nothing was done from here yet/);
  app.close();
});

test('an empty list of jobs leads to what others are doing', async () => {
  const app = await open();
  await app.press('J');
  assert.match(app.screen(), /No jobs of this console; what was done before: :audit/);
  await app.data(putOf('audit', running));
  assert.match(app.screen(), /No jobs of this console; 1 under way elsewhere: :audit result=running/);
  await app.press(':audit result=running\r');
  assert.match(app.screen(), /◐ running .*restart was-9 in prod/);
  app.close();
});

test('tables that are empty for a good reason say which, those that wait say that', async () => {
  const app = await open();
  await app.press(':findings\r');
  assert.match(app.screen(), /No findings/);
  await app.press(':changes\r');
  assert.match(app.screen(), /Nothing seen to change in the last hour/);
  await app.press(':servers\r', '/', 'nosuch', '<enter>');
  assert.match(app.screen(), /Nothing matches; esc clears the filter/);
  app.close();
  const waiting = await openConsole({ columns: 120, rows: 24, changes: [] });
  assert.match(waiting.screen(), /Nothing here yet/);
  await waiting.press(':findings\r');
  assert.match(waiting.screen(), /Nothing here yet/);
  waiting.close();
});
