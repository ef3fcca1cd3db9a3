import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const gate = gateOnFleet('readonly');

test('in read-only each verb says by its key why it does nothing', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-web$');
  for (const [key, verb] of [
    ['R', 'rolling restart'],
    ['s', 'scale'],
    ['B', 'roll back'],
    ['V', 'switch revision'],
  ] as const) {
    await app.press(key);
    assert.match(app.words(), new RegExp(`${verb} lena-web: .*read-?only`, 'i'));
  }
  await app.rows('servers', '@dr-eu /^lena-was-standby-');
  for (const [key, verb] of [
    ['R', 'restart'],
    ['X', 'delete'],
  ] as const) {
    await app.press(key);
    assert.match(app.words(), new RegExp(`${verb} lena-was-standby-\\S+: .*read-?only`, 'i'));
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
