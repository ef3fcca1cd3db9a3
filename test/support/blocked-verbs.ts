import assert from 'node:assert/strict';
import type { gateOnFleet } from './gate-fleet.tsx';

/** Presses every verb's key on a workload and on a server; each must do nothing and give the mode as its reason. */
export async function assertVerbsBlocked(
  app: ReturnType<ReturnType<typeof gateOnFleet>['app']>,
  reason: string,
): Promise<void> {
  await app.rows('workloads', '@dr-eu /^lena-web$');
  for (const [key, verb] of [
    ['R', 'rolling restart'],
    ['s', 'scale'],
    ['B', 'roll back'],
    ['V', 'switch revision'],
  ] as const) {
    await app.press(key);
    assert.match(app.words(), new RegExp(`${verb} lena-web: .*${reason}`, 'i'));
  }
  await app.rows('servers', '@dr-eu /^lena-was-standby-');
  for (const [key, verb] of [
    ['R', 'restart'],
    ['X', 'delete'],
  ] as const) {
    await app.press(key);
    assert.match(app.words(), new RegExp(`${verb} lena-was-standby-\\S+: .*${reason}`, 'i'));
  }
  assert.deepEqual(app.wrote(), []);
}
