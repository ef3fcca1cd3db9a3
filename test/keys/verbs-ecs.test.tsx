import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const gate = gateOnFleet('normal');

test('R and X on a task: stopped and replaced, stopped after its name', async () => {
  const app = gate.app();
  await app.rows('servers', '@seoul -n lena-stage /type=embedded state=ready');
  const [name = ''] = app.screen().match(/point-api-\w+/) ?? [];
  await app.press('R');
  await app.shows(/\[ Cancel \]/);
  await app.confirm();
  await app.shows(new RegExp(`restart ${name}.*: done`));
  assert.deepEqual(app.wrote(), ['seoul: POST /StopTask']);
  await app.rows('servers', '@seoul -n lena-stage /type=embedded state=ready');
  await app.shows(new RegExp(`^(?![^]*${name})[^]*point-api-\\w+ .*ready`));
  const [next = ''] = app.screen().match(/point-api-\w+/) ?? [];
  await app.press('X');
  await app.shows(/▸ grace/);
  await app.press('<enter>');
  await app.shows(new RegExp(`Type ${next}`));
  await app.typeName(next);
  await app.shows(new RegExp(`delete ${next}.*: done`));
  assert.deepEqual(app.wrote(), ['seoul: POST /StopTask']);
});

test('s and R on a service of ECS: another number, then a new deployment', async () => {
  const app = gate.app();
  await app.rows('workloads', '@seoul -n lena-stage /^member-was$');
  await app.press('s', '<c-u>', '2', '<enter>');
  await app.shows(/\[ Cancel \]/);
  await app.confirm();
  await app.shows(/scale member-was.*: done/);
  assert.deepEqual(app.wrote(), ['seoul: POST /UpdateService']);
  assert.match(await app.audit('action=scale'), /After .*2/);
  await app.rows('workloads', '@seoul -n lena-stage /^member-was$');
  await app.press('R');
  await app.shows(/\[ Cancel \]/);
  await app.confirm();
  await app.shows(/rolling restart member-was.*: done/);
  assert.deepEqual(app.wrote(), ['seoul: POST /UpdateService']);
  const page = await app.audit('action=rolling-restart');
  assert.match(page, /Result +● done/);
  assert.match(page, /"forceNewDeployment":true/);
});

test('V sets the template of a service, B goes back to the task definition before', async () => {
  const app = gate.app();
  await app.rows('workloads', '@seoul /^point-api$');
  await app.press('V');
  await app.shows(/the default/);
  await app.press('2', '<enter>');
  await app.shows(/\[ Cancel \]/);
  assert.match(app.words(), /point.* 1 → 2/);
  await app.confirm();
  await app.shows(/switch revision point-api.*: done/);
  assert.deepEqual(app.wrote(), ['seoul: POST /RegisterTaskDefinition', 'seoul: POST /UpdateService']);
  assert.match(await app.audit('action=switch-revision'), /Result +● done/);
  await app.rows('workloads', '@seoul /^point-api$');
  await app.press('B');
  await app.shows(/point-api:1/);
  await app.press('point-api:1', '<enter>');
  await app.shows(/\[ Cancel \]/);
  await app.confirm();
  await app.shows(/roll back point-api.*: done/);
  assert.deepEqual(app.wrote(), ['seoul: POST /UpdateService']);
  assert.match(await app.audit('action=rollback'), /Result +● done/);
});

test('a session service of ECS keeps its one task', async () => {
  const app = gate.app();
  await app.rows('workloads', '@seoul /^lena-session-1$');
  await app.press('s', '<c-u>', '2', '<enter>');
  await app.shows(/its size is 1, as each service runs one of the pair/);
  await app.answer('<enter>');
  assert.deepEqual(app.wrote(), []);
});
