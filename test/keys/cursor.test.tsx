import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropOf, instanceOf, putOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const gone = (name: string) => dropOf('instance', instanceOf(name).ref);

test('a selected row that vanishes leaves the cursor nowhere until it is moved', async () => {
  const pods = Array.from({ length: 6 }, (_, index) => putOf('instance', instanceOf(`was-${index}`)));
  const app = await openConsole({ changes: pods, columns: 120, rows: 24 });
  await app.press('jj');
  assert.match(app.cursorLine() ?? '', /was-2 /);
  await app.data(gone('was-2'));
  assert.equal(app.cursorLine(), undefined);
  assert.match(app.bottom(), /was-2 is gone/);
  await app.press('<enter>');
  assert.match(app.bottom(), /was-2 is gone: move the cursor first/);
  assert.match(app.screen(), /─ Servers ─/, 'nothing was opened');
  await app.press('j');
  assert.match(app.cursorLine() ?? '', /was-3 /, 'the cursor goes on from where it was');
  app.close();
});

test('a page about a server that vanishes says so and keeps the last known state', async () => {
  const app = await openConsole({ changes: fleetOf(3), columns: 120, rows: 40 });
  await app.press('j', '<enter>');
  await app.data(gone('was-1'));
  assert.match(app.screen(), /was-1 — gone; last known state/);
  assert.match(app.screen(), /Heap used/);
  app.close();
});

test('marks belong to servers, and the title says how many are not shown', async () => {
  const app = await openConsole({ changes: fleetOf(8), columns: 120, rows: 24 });
  await app.press('<c-space>');
  await app.press('  ');
  assert.match(app.screen(), /1 marked|2 marked/);
  await app.press('<c-\\>', '*');
  assert.match(app.screen(), /8 marked/);
  await app.press('/', 'was-3', '<enter>');
  assert.match(app.screen(), /1 marked, 7 not shown/);
  await app.press('<c-\\>');
  assert.doesNotMatch(app.screen(), /marked/);
  await app.press('<esc>', 'g', ' ', 'jj', '<c-space>');
  assert.match(app.screen(), /4 marked/, 'from the last mark to the cursor');
  app.close();
});

test('moves by lines, pages and ends', async () => {
  const app = await openConsole({ changes: fleetOf(30), columns: 120, rows: 24 });
  await app.press('G');
  assert.match(app.cursorLine() ?? '', /was-29 /);
  await app.press('g');
  assert.match(app.cursorLine() ?? '', /was-0 /);
  await app.press('<pgdn>');
  const page = app.cursorLine() ?? '';
  await app.press('<c-b>');
  assert.match(app.cursorLine() ?? '', /was-0 /);
  await app.press('<c-f>');
  assert.equal(app.cursorLine(), page);
  await app.press('<c-u>', '<c-d>', '<down>', '<up>');
  assert.ok(app.cursorLine());
  app.close();
});
