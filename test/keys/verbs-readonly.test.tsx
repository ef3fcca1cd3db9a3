import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertVerbsBlocked } from '../support/blocked-verbs.ts';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const gate = gateOnFleet('readonly');

test('in read-only each verb says by its key why it does nothing', () =>
  assertVerbsBlocked(gate.app(), 'read-?only'));

test('in read-only each dump says by its key that triage allows it', async () => {
  const app = gate.app();
  await app.rows('servers', '@dr-eu /^lena-was-standby-');
  for (const [key, verb] of [
    ['t', 'thread dump'],
    ['T', 'thread dump series'],
    ['v', 'service dump'],
    ['i', 'class histogram'],
    // Where none can be, its first says why.
    ['M', 'thread dump'],
  ] as const) {
    await app.press(key);
    assert.match(app.words(), new RegExp(`▲ ${verb} lena-was-standby-\\S+: READ-ONLY .*--triage allows it`));
  }
  assert.deepEqual(app.wrote(), []);
});

test('template revisions are compared and checked in read-only too', async () => {
  const app = gate.app();
  await app.rows('service-clusters', '@prod-eu /^shop-was$');
  await app.press('f', '2', '<enter>', '3', '<enter>');
  await app.shows(/Template shop-was 2 → 3: 7 changed/);
  await app.press('<esc>', 'r', '<enter>');
  await app.shows(/Servers that run something else/);
  assert.deepEqual(app.wrote(), []);
});
