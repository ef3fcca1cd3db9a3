import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createAcknowledgements } from '../../src/actions/acknowledge.ts';
import { createAuditLog } from '../../src/actions/audit/audit-log.ts';
import { AppError } from '../../src/core/app-error.ts';
import type { AuditEntry } from '../../src/domain/audit-entry.ts';
import { refOf } from '../../src/domain/ref.ts';
import { temporaryDirectory } from '../support/acting.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const HOUR_MS = 3_600_000;
const finding = (id: string) => refOf('finding', 'dev', id);
const code = (wanted: string) => (thrown: unknown) => thrown instanceof AppError && thrown.code === wanted;

function acknowledging(t: Parameters<typeof temporaryDirectory>[0], home = temporaryDirectory(t)) {
  const clock = createFakeClock();
  const file = path.join(home, 'state', 'acknowledged.json');
  const audit = createAuditLog({ directory: path.join(home, 'state', 'audit'), clock });
  const store = createAcknowledgements({
    file,
    audit,
    clock,
    mode: 'readonly',
    actor: { user: 'ops', host: 'bastion', pid: 1 },
  });
  t.after(() => audit.close());
  const entries: AuditEntry[] = [];
  audit.onEntry((entry) => entries.push(entry));
  const acknowledge = (id: string, hours = 1) =>
    store.acknowledge({ finding: finding(id), reason: 'known', until: clock.now() + hours * HOUR_MS });
  return { store, clock, file, home, entries, acknowledge };
}
const idsOf = (store: ReturnType<typeof createAcknowledgements>) =>
  store.list().map((each) => each.finding.id);

test('an acknowledgement is kept over a restart, for its user alone, and audited in every mode', async (t) => {
  const first = acknowledging(t);
  await first.acknowledge('silent:cart-1');
  assert.equal(statSync(first.file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(path.dirname(first.file)).sort(), ['acknowledged.json', 'audit']);
  const [entry] = first.entries.slice(-1);
  assert.deepEqual(
    [entry?.action, entry?.effect, entry?.mode, entry?.result],
    ['acknowledge', 'observe', 'readonly', 'done'],
  );
  const second = acknowledging(t, first.home);
  await second.store.load();
  assert.deepEqual(
    second.store.list().map(({ by, reason }) => [by, reason]),
    [['ops', 'known']],
  );
});

test('it ends when its time is over, and listeners are told', async (t) => {
  const { store, clock, acknowledge } = acknowledging(t);
  const told: number[] = [];
  store.onChange((list) => told.push(list.length));
  await acknowledge('a', 1);
  await acknowledge('b', 2);
  await clock.advance(HOUR_MS);
  assert.deepEqual(idsOf(store), ['b']);
  await clock.advance(HOUR_MS);
  assert.deepEqual(idsOf(store), []);
  assert.deepEqual(told, [1, 2, 1, 0]);
});

test('the newest word on a finding counts, and that of another console stays', async (t) => {
  const mine = acknowledging(t);
  const other = acknowledging(t, mine.home);
  await mine.acknowledge('a', 1);
  await other.acknowledge('b', 1);
  await mine.acknowledge('a', 5);
  assert.deepEqual(idsOf(mine.store), ['b', 'a']);
  await other.store.load();
  assert.deepEqual(idsOf(other.store), ['b', 'a']);
});

test('a reason and an end in the coming month are asked for', async (t) => {
  const { store, clock, acknowledge } = acknowledging(t);
  await assert.rejects(acknowledge('a', 0), code('INPUT_INVALID'));
  await assert.rejects(acknowledge('a', 24 * 32), code('INPUT_INVALID'));
  await assert.rejects(acknowledge('a', Number.NaN), code('INPUT_INVALID'));
  const until = clock.now() + HOUR_MS;
  await assert.rejects(
    store.acknowledge({ finding: finding('a'), reason: ' ', until }),
    code('CONSENT_MISSING'),
  );
  assert.deepEqual(store.list(), []);
});

test('a file that is not ours is set aside, not overwritten', async (t) => {
  const { store, file, acknowledge } = acknowledging(t);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, 'precious');
  await store.load();
  assert.deepEqual(store.list(), []);
  await acknowledge('a');
  assert.equal(readFileSync(`${file}.unreadable`, 'utf8'), 'precious');
});

test('a file that cannot be written is an error, and the record says it failed', async (t) => {
  const { store, file, entries, acknowledge } = acknowledging(t);
  mkdirSync(path.join(file, 'in the way'), { recursive: true });
  mkdirSync(path.join(`${file}.unreadable`, 'in the way'), { recursive: true });
  await assert.rejects(acknowledge('a'), code('AUDIT_UNWRITABLE'));
  assert.equal(entries.at(-1)?.result, 'failed');
  assert.deepEqual(store.list(), []);
});
