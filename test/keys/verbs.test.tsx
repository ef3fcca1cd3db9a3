import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from '../../src/domain/text.ts';
import { dropOf, instanceOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const open = () => openConsole({ changes: fleetOf(10), columns: 140, rows: 40, isActing: true });

test('a verb takes the marked rows the filter shows, and says how many it leaves out', async () => {
  const app = await open();
  await app.press('   ', '/', 'was-[12]$', '<enter>', 'R');
  assert.match(app.screen(), /1 marked row is not shown and left out/);
  assert.deepEqual(
    app.gate.calls.prepared[0]?.targets.map(({ id }) => id),
    ['shop/was-1', 'shop/was-2'],
  );
  await app.press('<esc>', '<c-\\>', '<esc>', ' ', '/', 'was-7', '<enter>', 'R');
  assert.match(app.bottom(), /None of the 1 marked rows is shown/);
  assert.equal(app.gate.calls.prepared.length, 1);
  app.close();
});

test('a verb refuses while the row of the cursor is gone', async () => {
  const app = await open();
  await app.press('jj');
  await app.data(dropOf('instance', instanceOf('was-2').ref));
  await app.press('R');
  assert.match(app.bottom(), /was-2 is gone: move the cursor first/);
  assert.equal(app.gate.calls.prepared.length, 0);
  app.close();
});

test('a key that cannot act says why; rows that cannot are left out by name', async () => {
  const app = await open();
  app.gate.answers.disabled = (_action, { id }) =>
    id.endsWith('was-1') ? text('was-1 has no back end', 'was-1: 백엔드 없음') : undefined;
  await app.press('j', 'R');
  assert.match(app.bottom(), /was-1 has no back end/);
  assert.equal(app.gate.calls.prepared.length, 0);
  await app.press('g', '   ', 'R');
  assert.match(app.screen(), /Left out: was-1 \(was-1 has no back end\)/);
  assert.equal(app.gate.calls.prepared[0]?.targets.length, 2);
  app.close();
});

test('verbs work on a page about a row, and stand in help', async () => {
  const app = await open();
  await app.press('j', '<enter>', 'R');
  assert.match(app.screen(), /restart was-1 in prod/);
  await app.press('<esc>', '?');
  assert.match(app.screen(), /R {3,}restart/);
  app.close();
});

test('a cursor at rest asks ahead what it may do, a moving one does not', async () => {
  const app = await open();
  await app.press('j', 'j');
  assert.deepEqual(app.gate.calls.prechecked, []);
  await app.clock.advance(300);
  assert.deepEqual(new Set(app.gate.calls.prechecked), new Set(['restart shop/was-2', 'delete shop/was-2']));
  app.close();
});

test('leaving asks once while a job runs', async () => {
  const app = await open();
  await app.press('R');
  await app.answer('<right>', '<enter>', '<c-c>');
  assert.equal(app.calls.quits, 0);
  assert.match(app.screen(), /A job is running/);
  await app.answer('<enter>');
  assert.equal(app.calls.quits, 0, 'Stay is chosen first');
  await app.press('q');
  await app.answer('<right>', '<enter>');
  assert.equal(app.calls.quits, 1);
  app.gate.update('job-1', { state: 'done' });
  await app.press('q');
  assert.equal(app.calls.quits, 2, 'and not at all when none runs');
  app.close();
});

test('without a gate the keys of verbs have no meaning', async () => {
  const app = await openConsole({ changes: fleetOf(2), columns: 120, rows: 24 });
  await app.press('R');
  assert.match(app.bottom(), /R has no meaning here/);
  app.close();
});
