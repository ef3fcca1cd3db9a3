import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const RULES = [
  { contexts: ['dr-eu'], actions: ['rolling-restart'], confirm: 'deny', reason: 'quarter end' },
  { contexts: ['dr-eu'], actions: ['restart'], maxTargets: 1 },
  { contexts: ['dr-eu'], actions: ['scale'], requireReason: true },
];
const gate = gateOnFleet('normal', (_fleet, configPath) => {
  const config: Record<string, unknown> = parse(readFileSync(configPath, 'utf8'));
  writeFileSync(configPath, stringify({ ...config, policy: { rules: RULES } }));
});

test('a rule that denies is told where the key is pressed', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-web$');
  await app.press('R');
  await app.shows(/rolling restart lena-web: .*quarter end/);
  assert.deepEqual(app.wrote(), []);
});

test('more targets than a rule allows are refused', async () => {
  const app = gate.app();
  await app.rows('servers', '@dr-eu /^lena-web-', 2);
  await app.press('*', 'R');
  await app.shows(/POLICY_REFUSED: .*1/);
  await app.answer('<enter>');
  await app.press('<c-\\>');
  assert.deepEqual(app.wrote(), []);
});

test('where a rule asks for a reason nothing is done without one, and the audit holds it', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-was-standby$');
  await app.press('s', '<c-u>', '2', '<enter>');
  await app.shows(/Reason \((needed|required)\)/);
  await app.answer('<tab>', '<right>', '<enter>');
  assert.match(app.screen(), /Reason \((needed|required)\)/, 'the dialog stays');
  assert.deepEqual(app.wrote(), []);
  await app.press('<esc>', 's', '<c-u>', '2', '<enter>');
  await app.shows(/▸ Reason \((needed|required)\)/);
  await app.answer('OPS-42', '<enter>', '<right>', '<enter>');
  await app.shows(/scale lena-was-standby.*: done/);
  assert.equal(app.wrote().length, 1);
  assert.match(await app.audit('action=scale result=done'), /Reason +OPS-42/);
});
