import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const gate = gateOnFleet('normal');

test('X stops a server of a machine through its Manager, after its name; a starts it again', async () => {
  const app = gate.app();
  await app.rows('servers', '@vms /^vm-was-01$');
  await app.press('X');
  await app.shows(/Type vm-was-01/);
  assert.match(
    app.screen(),
    /┌─ stop vm-was-01 .* NORMAL mgr-seoul ─┐/,
    'where the call goes, not where the row stands',
  );
  assert.deepEqual(app.wrote(), []);
  await app.typeName('vm-was-01');
  await app.shows(/stop vm-was-01.*: done/);
  const stopped = app.wrote();
  assert.equal(stopped.length, 1);
  assert.match(stopped[0] ?? '', /^mgr-seoul: /);
  await app.shows(/vm-was-01 .*stopped +● ok +n\/a/);
  await app.press('a');
  await app.shows(/\[ Cancel \]/);
  await app.confirm();
  await app.shows(/start vm-was-01.*: done/);
  assert.equal(app.wrote().length, 1);
  await app.press('J');
  await app.shows(/● done +1\/1 .*start vm-was-01[\s\S]*● done +1\/1 .*stop vm-was-01/);
  assert.match(await app.audit('action=stop'), /Result +● done/);
  assert.match(await app.audit('action=start'), /Result +● done/);
});

test('R stops and starts a server of a machine', async () => {
  const app = gate.app();
  await app.rows('servers', '@vms /^vm-was-02$');
  await app.press('R');
  await app.shows(/\[ Cancel \]/);
  await app.confirm();
  await app.shows(/restart vm-was-02.*: done/);
  assert.equal(app.wrote().length, 2, 'one stop and one start');
  assert.match(await app.audit('action=restart'), /Result +● done/);
});

test('a server no Manager has registered says so', async () => {
  const app = gate.app();
  await app.rows('servers', '@vms /^vm-tomcat-01$');
  await app.press('X');
  assert.match(app.words(), /vm-tomcat-01: .*(no Manager|registered)/);
  assert.deepEqual(app.wrote(), []);
});
