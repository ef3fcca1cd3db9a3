import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VIEWS } from '../../src/views/index.ts';
import { eventOf, instanceOf, putOf, workloadOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const CHANGES = [
  ...fleetOf(60),
  putOf('workload', workloadOf('lena-was')),
  putOf('event', eventOf('e1', { target: instanceOf('was-0').ref, targetName: 'was-0' })),
];

for (const [columns, rows] of [
  [80, 24],
  [120, 40],
  [200, 50],
] as const) {
  test(`every view opens at ${columns}×${rows}, fills it and never spills`, async () => {
    const app = await openConsole({ changes: CHANGES, columns, rows });
    for (const view of VIEWS) {
      await app.press(`:${view.id}\r`);
      assert.match(app.screen(), new RegExp(`─ ${view.title.en} ─`), view.id);
      assert.equal(app.lines().length, rows);
      await app.press('<c-w>');
      if (app.cursorLine() !== undefined) await app.press('d', 'q');
      await app.press('?', 'G', 'q');
      assert.match(app.screen(), new RegExp(`─ ${view.title.en} ─`), `${view.id} after its pages`);
      assert.match(app.lines()[0] ?? '', /^ l9s 0\.1\.0 {2}NORMAL/, 'the first line was not scrolled away');
    }
    app.close();
  });
}

test('a resize keeps cursor and window, and too small a terminal says so in one line', async () => {
  const app = await openConsole({ changes: fleetOf(60), columns: 120, rows: 40 });
  await app.press('G');
  await app.resize(80, 24);
  assert.match(app.cursorLine() ?? '', /was-59 /);
  assert.match(app.lines()[3] ?? '', /NAME↑ .*STATE.*HEALTH.*HEAP/, 'what matters most is left');
  assert.doesNotMatch(app.screen(), /NAMESPACE/);
  await app.resize(70, 20);
  assert.match(app.bottom(), /80×24 shows more; this is 70×20/);
  assert.match(app.cursorLine() ?? '', /was-59 /);
  await app.resize(30, 6);
  assert.equal(app.screen().trim(), 'l9s needs 80×24; this is 30×6');
  await app.resize(120, 40);
  assert.match(app.cursorLine() ?? '', /was-59 /);
  app.close();
});

test('header and crumbs can be hidden for more rows', async () => {
  const app = await openConsole({ changes: fleetOf(60), columns: 120, rows: 24 });
  const shown = () => app.lines().filter((line) => /was-\d/.test(line)).length;
  const before = shown();
  await app.press('<c-e>', '<c-g>');
  assert.equal(shown(), before + 2);
  await app.press('<c-e>', '<c-g>');
  assert.equal(shown(), before);
  app.close();
});
