import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { createLifts } from '../../src/actions/lift.ts';
import { AppError } from '../../src/core/app-error.ts';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import type { PolicySettings } from '../../src/domain/policy.ts';
import { NEVER, NORMAL, startActing, temporaryDirectory } from '../support/acting.ts';
import { readAll } from '../support/audit.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const READONLY_FILE: PolicySettings = {
  ...NORMAL,
  mode: 'readonly',
  modeOrigin: 'config.yaml',
  lift: { isAllowed: true, maxMinutes: 30 },
};
const ORDER = { context: 'dev', reason: 'incident 7', minutes: 10 };
const code = (wanted: string) => (thrown: unknown) => thrown instanceof AppError && thrown.code === wanted;

function lifting(t: TestContext, policy: PolicySettings = READONLY_FILE) {
  const directory = path.join(temporaryDirectory(t), 'audit');
  const clock = createFakeClock();
  const audit = createAuditLog({ directory, clock });
  const lifts = createLifts({ policy, audit, clock, actor: { user: 'ops', host: 'bastion', pid: 1 } });
  const entries = new Map<string, AuditEntry>();
  audit.onEntry((entry) => entries.set(entry.ref.id, entry));
  t.after(() => audit.close());
  return { lifts, clock, audit, directory, results: () => [...entries.values()].map(({ result }) => result) };
}

test('a lift sets the mode of the file aside for one context and its minutes, and both ends are recorded', async (t) => {
  const { lifts, clock, directory, audit, results } = lifting(t);
  let changes = 0;
  lifts.onChange(() => changes++);
  await lifts.begin(ORDER);
  assert.equal(lifts.modeOf('dev').mode, 'normal');
  assert.deepEqual(lifts.modeOf('prod'), { mode: 'readonly', origin: 'config.yaml' });
  assert.deepEqual(
    lifts.active().map(({ context, until }) => [context, until - clock.now()]),
    [['dev', 600_000]],
  );
  assert.deepEqual(results(), ['running']);
  await clock.advance(599_999);
  assert.equal(lifts.modeOf('dev').mode, 'normal');
  await clock.advance(1);
  assert.equal(lifts.modeOf('dev').mode, 'readonly');
  assert.deepEqual(lifts.active(), []);
  assert.equal(changes, 2);
  await audit.close();
  const { entries } = await readAll(directory);
  assert.deepEqual(
    [entries[0]?.action, entries[0]?.reason, entries[0]?.result],
    ['lift', 'incident 7', 'done'],
  );
});

test('a clock that went back leaves no lift', async (t) => {
  const directory = path.join(temporaryDirectory(t), 'audit');
  const fake = createFakeClock();
  let behindMs = 0;
  const clock = { ...fake, now: () => fake.now() - behindMs };
  const audit = createAuditLog({ directory, clock });
  t.after(() => audit.close());
  const lifts = createLifts({ policy: READONLY_FILE, audit, clock, actor: { user: 'o', host: 'b', pid: 1 } });
  await lifts.begin(ORDER);
  behindMs = 60_000;
  assert.equal(lifts.modeOf('dev').mode, 'readonly');
});

test('a lift is off by default, and never lifts what flag, variable or /etc set', async (t) => {
  const refused = async (policy: PolicySettings) => {
    const { lifts, results } = lifting(t, policy);
    assert.notEqual(lifts.disabledReason('dev'), undefined);
    await assert.rejects(lifts.begin(ORDER), code('POLICY_REFUSED'));
    assert.equal(lifts.modeOf('dev').mode, policy.mode);
    assert.deepEqual(results(), []);
  };
  await refused({ ...READONLY_FILE, lift: NORMAL.lift });
  await refused({ ...READONLY_FILE, fixedMode: 'readonly', modeOrigin: '--readonly' });
  await refused({ ...READONLY_FILE, mode: 'normal' });
});

test('why there is no lift tells one that is of no use from one that is not allowed', (t) => {
  const why = (policy: PolicySettings) => lifting(t, policy).lifts.disabledReason('dev');
  assert.match(
    why({ ...READONLY_FILE, mode: 'normal' })?.en ?? '',
    /none is needed, NORMAL mode holds no verb back/,
  );
  assert.match(why({ ...READONLY_FILE, lift: NORMAL.lift })?.en ?? '', /policy allows no lift/);
});

test('a lift goes down to the fixed mode and no further', async (t) => {
  const { lifts } = lifting(t, { ...READONLY_FILE, fixedMode: 'triage' });
  await lifts.begin(ORDER);
  assert.equal(lifts.modeOf('dev').mode, 'triage');
});

test('minutes and reason are checked', async (t) => {
  const { lifts } = lifting(t);
  for (const minutes of [0, -1, 1.5, 31, Number.NaN]) {
    await assert.rejects(lifts.begin({ ...ORDER, minutes }), code('INPUT_INVALID'), String(minutes));
  }
  await assert.rejects(lifts.begin({ ...ORDER, reason: ' ' }), code('CONSENT_MISSING'));
  assert.deepEqual(lifts.active(), []);
});

test('a second lift of a context replaces the first, and leaving ends all', async (t) => {
  const { lifts, clock, results } = lifting(t);
  await lifts.begin(ORDER);
  await clock.advance(60_000);
  await lifts.begin({ ...ORDER, minutes: 5 });
  assert.deepEqual(results(), ['cancelled', 'running']);
  await clock.advance(299_999);
  assert.equal(lifts.active().length, 1);
  await lifts.close();
  assert.deepEqual(results(), ['cancelled', 'interrupted']);
  assert.equal(lifts.modeOf('dev').mode, 'readonly');
});

test('a plan made during a lift is refused after it', async (t) => {
  const { lifts, clock } = lifting(t);
  const { executor, order, remote } = startActing(t, { policy: READONLY_FILE, modeOf: lifts.modeOf });
  await assert.rejects(executor.prepare(order(), NEVER), code('MODE_REFUSED'));
  await lifts.begin(ORDER);
  const prepared = await executor.prepare(order(), NEVER);
  await clock.advance(600_000);
  await assert.rejects(executor.run(prepared, {}), code('MODE_REFUSED'));
  assert.deepEqual(remote.sent, []);
});
