import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropOf, instanceOf, putOf } from '../support/store-entities.ts';
import { fleetOf, openConsole, wasWithHeap } from '../support/ui-console.tsx';

test('finds a server with /, sorts by heap, opens it and comes back to it while rows move', async () => {
  const app = await openConsole({ changes: fleetOf(20), columns: 120, rows: 40 });
  await app.press('/', 'was-1', '<enter>');
  assert.match(app.screen(), /11 of 20 · \/was-1/);
  await app.press('H');
  assert.match(app.screen(), /HEAP↓/);
  assert.match(app.cursorLine() ?? '', /was-19 /, 'an untouched cursor stays at the top');
  await app.press('j', 'j');
  assert.match(app.cursorLine() ?? '', /was-17 /);
  await app.press('<enter>');
  assert.match(app.screen(), /Servers: was-17/);
  await app.data(...wasWithHeap('was-10', 99, '10.42.0.20'), ...wasWithHeap('was-11', 98, '10.42.0.21'));
  await app.press('<esc>');
  assert.match(app.cursorLine() ?? '', /was-17 /, 'the cursor is on the same server');
  assert.match(app.screen(), /\/was-1 .*HEAP ↓/, 'filter and sort are kept');
  const rows = app.lines().filter((line) => /was-\d/.test(line) && !line.includes('/was'));
  assert.match(rows[0] ?? '', /was-10 /, 'rows moved around it');
  await app.press('<esc>');
  assert.match(app.screen(), /20 of 20/, 'esc clears the filter');
  assert.match(app.cursorLine() ?? '', /was-17 /);
  app.close();
});

test('a key sorts, the same key again reverses', async () => {
  const app = await openConsole({ changes: fleetOf(12), columns: 120, rows: 30 });
  const first = () => app.lines()[4] ?? '';
  assert.match(first(), /was-0 /);
  await app.press('N');
  assert.match(first(), /was-11 /, 'natural order: was-2 before was-11');
  await app.press('H');
  assert.match(first(), /was-11 /);
  await app.press('H');
  assert.match(first(), /was-0 /);
  await app.press('<shift-right>', '<shift-right>', 'O');
  assert.match(app.screen(), /TYPE ↑/);
  app.close();
});

test('shows what is wanted beside what runs', async () => {
  const app = await openConsole({
    columns: 200,
    rows: 24,
    changes: [putOf('instance', instanceOf('was-0', { environment: [] }))],
  });
  assert.match(app.cursorLine() ?? '', /was-0 .* n\/a/);
  await app.data(dropOf('instance', instanceOf('was-0').ref));
  assert.match(app.screen(), /Nothing here yet/);
  app.close();
});
