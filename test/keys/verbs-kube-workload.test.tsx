import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const DEPLOYMENT = '/apis/apps/v1/namespaces/shop/deployments/lena-was-standby';
const gate = gateOnFleet('normal');

test('R on a workload rolls it: one patch, every pod anew, job and audit say done', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-was-standby$');
  await app.press('R');
  await app.shows(/\[ Cancel \]/);
  assert.match(app.screen(), /Deployment shop\/lena-was-standby +dr-eu/);
  assert.match(app.screen(), /PATCH \/apis\/apps\/v1\/namespaces\/shop\/deployments\/lena-was-standby/);
  assert.match(app.screen(), /sessions of lena-was-standby are not mirrored as far as its environment says/);
  assert.deepEqual(app.wrote(), [], 'a plan changes nothing');
  await app.confirm();
  await app.shows(/rolling restart lena-was-standby.*: done/);
  assert.deepEqual(app.wrote(), [`dr-eu: PATCH ${DEPLOYMENT}`]);
  await app.press('J');
  await app.shows(/● done +1\/1 .*rolling restart lena-was-standby/);
  const page = await app.audit('action=rolling-restart');
  assert.match(page, /Result +● done/);
  assert.match(page, /PATCH.*lena-was-standby/);
});

test('B goes back to a revision chosen from a list, after showing what differs', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-was-standby$');
  await app.press('B');
  await app.shows(/▸ 1 /);
  await app.press('<enter>');
  await app.shows(/Difference/);
  assert.match(app.screen(), /- .*restartedAt/);
  await app.confirm();
  await app.shows(/roll back lena-was-standby.*: done/);
  assert.deepEqual(app.wrote(), [`dr-eu: PATCH ${DEPLOYMENT}`]);
  assert.match(await app.audit('action=rollback'), /Result +● done/);
});

test('s takes a workload to another number', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-was-standby$');
  await app.press('s', '<c-u>', '2', '<enter>');
  await app.shows(/\[ Cancel \]/);
  await app.confirm();
  await app.shows(/scale lena-was-standby.*: done/);
  assert.deepEqual(app.wrote(), [`dr-eu: PATCH ${DEPLOYMENT}/scale`]);
  const page = await app.audit('action=scale');
  assert.match(page, /Before .*replicas 1/);
  assert.match(page, /After .*replicas 2/);
});

test('s to nothing is a danger: the name is typed, and a wrong one does nothing', async () => {
  const app = gate.app();
  await app.rows('workloads', '@dr-eu /^lena-was-standby$');
  await app.press('s', '<c-u>', '0', '<enter>');
  await app.shows(/All servers of lena-was-standby end and none is left/);
  await app.typeName('lena-was');
  assert.deepEqual(app.wrote(), []);
  assert.match(app.screen(), /Type lena-was-standby exactly; nothing is done yet/);
  await app.press('<c-u>');
  await app.typeName('lena-was-standby');
  await app.shows(/scale lena-was-standby.*: done/);
  assert.deepEqual(app.wrote(), [`dr-eu: PATCH ${DEPLOYMENT}/scale`]);
  await app.rows('workloads', '@dr-eu /^lena-was-standby$');
  await app.shows(/lena-was-standby .* 0\/0 /);
});
