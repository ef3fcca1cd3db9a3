import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const gate = gateOnFleet('triage');

test('in triage each verb says by its key why it does nothing', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-web$');
  for (const [key, verb] of [
    ['R', 'rolling restart'],
    ['s', 'scale'],
    ['B', 'roll back'],
    ['V', 'switch revision'],
  ] as const) {
    await app.press(key);
    assert.match(app.words(), new RegExp(`${verb} lena-web: .*triage`, 'i'));
  }
  await app.rows('servers', '@dr-eu /^lena-was-standby-');
  for (const [key, verb] of [
    ['R', 'restart'],
    ['X', 'delete'],
  ] as const) {
    await app.press(key);
    assert.match(app.words(), new RegExp(`${verb} lena-was-standby-\\S+: .*triage`, 'i'));
  }
  assert.deepEqual(app.wrote(), []);
});
