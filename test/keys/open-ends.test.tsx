import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry, AuditTarget } from '../../src/domain/audit-entry.ts';
import type { Change } from '../../src/domain/ports.ts';
import { type Ref, refOf } from '../../src/domain/ref.ts';
import type { SourceStatus } from '../../src/domain/source-status.ts';
import { dropOf, MINUTE_MS, NOW, putOf, workloadOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const targetOf = (ref: Ref, more: Partial<AuditTarget> = {}): AuditTarget => ({
  ref,
  context: 'prod',
  namespace: 'shop',
  kind: ref.kind === 'server' ? 'Pod' : 'Deployment',
  name: ref.id.split('/').at(-1) ?? '',
  before: { state: 'ready' },
  ...more,
});
const entryOf = (result: AuditEntry['result'], targets: readonly AuditTarget[]): Change =>
  putOf('audit', {
    ref: refOf('audit', 'prod', 'a1'),
    at: NOW - 5 * MINUTE_MS,
    actor: { user: 'kim', host: 'bastion', pid: 7, identities: {} },
    mode: 'normal',
    action: 'restart',
    effect: 'change',
    title: 'restart of several',
    targets,
    calls: [],
    result,
  });

const workload = workloadOf('cart', {
  desired: 3,
  ready: 1,
  rollout: { state: 'progressing', revision: '4', message: '1 of 3 updated' },
});
const was = (number: number) => refOf('server', 'prod', `shop/was-${number}`);

/** The page of the one entry of the audit. */
async function open(status: SourceStatus, entry: Change) {
  const app = await openConsole({
    changes: [...fleetOf(2), putOf('workload', workload), entry],
    columns: 140,
    rows: 50,
    isActing: true,
  });
  app.store.setStatus('prod', status);
  await app.afterData();
  await app.press(':audit\r', '<enter>');
  return app;
}

test('an action that never ended shows what each target is now, and follows it', async () => {
  const targets = [targetOf(was(0)), targetOf(workload.ref), targetOf(was(9))];
  const app = await open({ state: 'live', lastGoodAt: NOW }, entryOf('unfinished', targets));
  assert.match(app.screen(), /Pod shop\/was-0[\s\S]*Now +ready, health \w+, revision 12, started/);
  assert.match(
    app.screen(),
    /Deployment shop\/cart[\s\S]*Now +1\/3 ready, rollout 4 progressing \(1 of 3 updated\)/,
  );
  assert.match(app.screen(), /Pod shop\/was-9[\s\S]*Now +gone/);
  await app.data(
    putOf('workload', { ...workload, ready: 3, rollout: { state: 'stable', revision: '4' } }),
    dropOf('workload', workload.ref),
  );
  assert.doesNotMatch(app.screen(), /progressing/);
  app.close();
});

test('what a context that has not answered holds is not known, rather than gone', async () => {
  const app = await open({ state: 'connecting', since: NOW }, entryOf('interrupted', [targetOf(was(9))]));
  assert.match(app.screen(), /Now +not known: prod has not answered/);
  assert.doesNotMatch(app.screen(), /Now +gone/);
  app.close();
});

test('a state of a context that fell silent says so', async () => {
  const app = await open(
    { state: 'stale', lastGoodAt: NOW - 9 * MINUTE_MS },
    entryOf('unknown', [targetOf(workload.ref, { result: 'unknown' })]),
  );
  assert.match(app.screen(), /Now +1\/3 ready, .* — prod is not heard now/);
  app.close();
});

test('only targets whose end is open say what they are now', async () => {
  const app = await open(
    { state: 'live', lastGoodAt: NOW },
    entryOf('partial', [targetOf(was(0), { result: 'done' }), targetOf(was(1), { result: 'unknown' })]),
  );
  assert.equal(app.screen().match(/ Now /g)?.length, 1);
  assert.match(app.screen(), /Pod shop\/was-1[\s\S]*Now +ready/);
  app.close();
});
