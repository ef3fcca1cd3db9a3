import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateOnFleet } from '../support/gate-fleet.tsx';

const PODS = '/api/v1/namespaces/shop/pods';
const gate = gateOnFleet('normal');

/** Names of the rows shown, in their order. */
const shown = (lines: readonly string[], pattern: RegExp): readonly string[] =>
  lines.flatMap((line) => line.match(pattern)?.[0] ?? []);

test('R on a pod evicts this one and waits for its replacement', async () => {
  const app = gate.app();
  await app.rows('servers', '@dr-eu /^lena-was-standby-');
  const [name = ''] = shown(app.lines(), /lena-was-standby-\w+-\w+/);
  await app.press('R');
  await app.shows(/\[ Cancel \]/);
  assert.match(app.screen(), new RegExp(`Pod shop/${name} +dr-eu`));
  await app.confirm();
  await app.shows(new RegExp(`restart ${name}.*: done`));
  assert.deepEqual(app.wrote(), [`dr-eu: POST ${PODS}/${name}/eviction`]);
  await app.press('J');
  await app.shows(new RegExp(`● done +1/1 .*restart ${name}`));
  const page = await app.audit('action=restart');
  assert.match(page, /Result +● done/);
  assert.match(page, new RegExp(`Pod shop/${name}`));
});

test('X deletes a pod after its name was typed; how is chosen inside', async () => {
  const app = gate.app();
  await app.rows('servers', '@dr-eu /^lena-web-', 2);
  const [name = ''] = shown(app.lines(), /lena-web-\w+-\w+/);
  await app.press('X');
  await app.shows(/▸ grace +its own grace period/);
  await app.press('<down>', '<enter>');
  await app.shows(new RegExp(`Type ${name}`));
  assert.deepEqual(app.wrote(), []);
  await app.typeName(name);
  await app.shows(new RegExp(`delete ${name}.*: done`));
  const [written = '', ...others] = app.wrote();
  assert.match(written, new RegExp(`^dr-eu: DELETE ${PODS}/${name}\\b`));
  assert.deepEqual(others, []);
  const page = await app.audit('action=delete');
  assert.match(page, /gracePeriodSeconds\\?":1\b/, 'now is one second');
});

test('R takes the marked rows the filter shows, one after another, and leaves the hidden one alone', async () => {
  const app = gate.app();
  // The one that replaces what was deleted.
  await app.rows('servers', '@dr-eu /^lena-(web|was-standby)-', 3);
  await app.shows(/(lena-w.* ready[\s\S]*){3}/);
  await app.press('*', '/', '^lena-web-', '<enter>');
  const names = shown(app.lines(), /lena-web-\w+-\w+/);
  assert.equal(names.length, 2);
  await app.press('R');
  await app.shows(/\[ Cancel \]/);
  assert.match(app.screen(), /1 marked row is not shown and left out/);
  assert.match(app.screen(), /Targets \(2\)/);
  await app.confirm();
  await app.shows(/restart lena-web-.*: done/);
  assert.deepEqual(
    app.wrote().toSorted(),
    names.map((name) => `dr-eu: POST ${PODS}/${name}/eviction`).toSorted(),
  );
  await app.press('<c-\\>', 'J');
  await app.shows(/● done +2\/2 .*restart lena-web-/);
});
