import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RevisionDiff } from '../../src/actions/template/diff-revisions.ts';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { appError } from '../../src/domain/errors.ts';
import { type Ref, refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import { environmentOf, instanceOf, MINUTE_MS, NOW, putOf, workloadOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const workload = workloadOf('was', {
  environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'WAS-001:12' }),
});
const stranger = workloadOf('pay', {
  environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'PAY-001:2' }),
});

async function open(columns = 120, rows = 30) {
  const other = instanceOf('pay-0', {
    environment: environmentOf({ LENA_CONFIG_TEMPLATE_ID: 'PAY-001:2' }),
  });
  const changes = [
    ...fleetOf(2),
    putOf('instance', other),
    putOf('workload', workload),
    putOf('workload', stranger),
  ];
  const app = await openConsole({ changes, columns, rows, isActing: true });
  await app.press(':sc\r', '/', '^WAS-001$', '<enter>');
  return app;
}

const entryOf = (title: string, target: Ref, more: Partial<AuditEntry> = {}): AuditEntry => ({
  ref: refOf('audit', 'prod', title),
  at: NOW - MINUTE_MS,
  endedAt: NOW,
  actor: { user: 'kim', host: 'bastion', pid: 7, identities: {} },
  mode: 'normal',
  action: 'switch-revision',
  effect: 'change',
  title,
  targets: [{ ref: target, context: 'prod', kind: 'Deployment', name: target.id, before: {} }],
  calls: [],
  result: 'done',
  ...more,
});

test('f compares two revisions: two fields, then a page that scrolls and is saved', async () => {
  const app = await open();
  await app.press('f');
  assert.match(app.screen(), /Compare revisions of WAS-001/);
  await app.press('1', '1', '<enter>', '1', '2', '<enter>');
  assert.deepEqual(app.gate.state.templates.asked, ['WAS-001 11 12']);
  assert.match(app.lines()[1] ?? '', /WAS-001 11 → 12/);
  assert.match(app.screen(), /Template WAS-001 11 → 12: 1 changed/);
  assert.equal(app.screen().match(/Template WAS-001 11 → 12/g)?.length, 1, 'the title is said once');
  assert.match(app.screen(), /1 file differs[\s\S]*3 files are equal/);
  assert.match(app.screen(), /conf\/server\.xml \(changed, \+1 -1\)/);
  assert.match(app.screen(), /- {2}maxThreads="11"[\s\S]*\+ {2}maxThreads="12"/);
  assert.doesNotMatch(app.screen(), /line 79/);
  await app.answer('G');
  assert.match(app.screen(), /line 79/);
  await app.press('<c-s>');
  const [saved] = app.calls.saved;
  assert.match(saved?.name ?? '', /^WAS-001-11-12-.*\.txt$/);
  assert.match(saved?.text ?? '', /## conf\/server\.xml[\s\S]*- {2}maxThreads="11"\n\+ {2}maxThreads="12"/);
  await app.press('<esc>');
  assert.match(app.screen(), /Service clusters/);
  app.close();
});

test('a comparison that is refused says why, and can be asked again with another revision', async () => {
  const app = await open();
  app.gate.state.templates.refuse(appError('NOT_FOUND', 'Template WAS-001:99 cannot be had from Manager m1'));
  await app.press('f', '<enter>', '9', '9', '<enter>');
  assert.match(app.screen(), /✖ .*Template WAS-001:99 cannot be had from Manager m1/);
  app.gate.state.templates.refuse(undefined);
  await app.press('<backspace>', '<backspace>', '1', '3', '<enter>');
  assert.match(app.lines()[1] ?? '', /WAS-001 12 → 13/);
  app.close();
});

test('who leaves while a revision is read gets no page afterwards', async () => {
  const app = await open();
  const held = Promise.withResolvers<RevisionDiff>();
  app.gate.state.templates.diff = () => held.promise;
  await app.press('f', '<enter>', '<enter>', '<esc>');
  const summary = text('too late', '늦음');
  held.resolve({ from: '12', to: '13', summary, isEqual: true, blocks: [] });
  await app.idle();
  assert.match(app.screen(), /Service clusters/);
  assert.doesNotMatch(app.screen(), /too late/);
  app.close();
});

test('r checks a revision at the Manager and names the servers that run another', async () => {
  const app = await open();
  await app.press('r', '<enter>');
  assert.deepEqual(app.gate.state.templates.asked, ['WAS-001 12']);
  assert.match(app.screen(), /revision 12/);
  assert.match(app.screen(), /34 files, 2/);
  assert.match(app.screen(), /Servers that run something else \(1\)[\s\S]*was-1 {2}11/);
  app.close();
});

test('revisions are compared for one service cluster at a time', async () => {
  const app = await open();
  await app.press('<esc>', '*', 'f');
  assert.match(app.bottom(), /one service cluster at a time; 2 are marked/);
  assert.doesNotMatch(app.screen(), /Compare revisions/);
  app.close();
});

test('b tells what audit and changes know of a service cluster, its servers and workloads', async () => {
  const app = await open();
  await app.press('b');
  assert.match(app.screen(), /History: audit and the last hour[\s\S]* none/);
  const cluster = app.store.state.getState().tables.serviceCluster.rows.values().next().value;
  assert.ok(cluster);
  await app.data(
    putOf('audit', entryOf('switch revision of was', workload.ref, { reason: 'OPS-7' })),
    putOf('audit', entryOf('restart pay', stranger.ref)),
    putOf('audit', entryOf('restart was-1', refOf('server', 'prod', 'shop/was-1'), { result: 'failed' })),
    putOf('workload', { ...workload, desired: 5 }),
  );
  assert.match(app.screen(), /● switch revision of was: done \(kim\) — OPS-7/);
  assert.match(app.screen(), /✖ restart was-1: failed \(kim\)/);
  assert.match(app.screen(), /· was: .*5/);
  assert.doesNotMatch(app.screen(), /restart pay/);
  await app.press('<esc>');
  assert.match(app.screen(), /Service clusters/);
  app.close();
});

test('reading revisions is allowed in every mode', async () => {
  const app = await openConsole({
    changes: fleetOf(1),
    columns: 120,
    rows: 30,
    isActing: true,
    settings: { mode: 'readonly' },
  });
  app.gate.state.mode = 'readonly';
  await app.press(':sc\r', 'r', '<enter>');
  assert.deepEqual(app.gate.state.templates.asked, ['WAS-001 12']);
  app.close();
});
