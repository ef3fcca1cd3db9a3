import assert from 'node:assert/strict';
import { test } from 'node:test';
import { text } from '../../src/domain/text.ts';
import { ALLOWED } from '../support/fake-executor.ts';
import { contextOf, dropOf, instanceOf } from '../support/store-entities.ts';
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
  assert.match(app.bottom(), /restart was-1: was-1 has no back end/);
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

test('an answer about rights that comes later is seen at once', async () => {
  const app = await open();
  await app.clock.advance(300);
  app.gate.answers.disabled = ({ id }) =>
    id === 'restart' ? text('no right to evict pods in shop', '권한 없음') : undefined;
  app.gate.answerPrechecks();
  await app.idle();
  await app.press('?');
  assert.match(app.screen(), /R {3}restart: no right to evict pods in shop/);
  app.close();
});

test('a protected context is named as such, and has a colour of its own', async () => {
  const app = await openConsole({
    changes: fleetOf(2),
    contexts: [contextOf('prod', 'kube', { isProtected: true })],
    columns: 100,
    rows: 24,
    isActing: true,
  });
  await app.press('R');
  const y = app.lines().findIndex((line) => line.includes('┌─ restart'));
  const x = app.lines()[y]?.indexOf('prod protected') ?? -1;
  assert.ok(x > 0);
  assert.equal(app.cell(x, y).isDefaultColour, false);
  app.close();
});

test('whatever is typed at a dialog that asks for the name, nothing is done and the frame stays whole', async () => {
  const app = await openConsole({ changes: fleetOf(5), columns: 80, rows: 24, isActing: true });
  app.gate.answers.verdict = { ...ALLOWED, confirm: 'type-name' };
  const keys = [
    'R',
    'X',
    '\r',
    '\t',
    '\u001B[C',
    '\u001B[D',
    '\u001B[A',
    '\u001B[B',
    'D',
    'x',
    'j',
    'G',
    ' ',
    '\u007F',
    '\u0015',
    'w',
    '가',
  ];
  let seed = 7;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return keys[seed % keys.length] ?? 'R';
  };
  for (let round = 0; round < 150; round++) {
    await app.clock.advance(round % 3 === 0 ? 300 : 40);
    await app.send(Array.from({ length: 1 + (round % 5) }, next).join(''));
    assert.equal(app.lines().length, 24);
    assert.match(app.lines()[0] ?? '', /l9s 0\.1\.0 {2}NORMAL/);
  }
  assert.ok(app.gate.calls.prepared.length > 0, 'dialogs were opened');
  assert.equal(app.gate.calls.runs.length, 0);
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
  await app.answer('q');
  assert.equal(app.calls.quits, 2, 'and not at all when none runs');
  app.close();
});

test('without a gate the keys of verbs have no meaning', async () => {
  const app = await openConsole({ changes: fleetOf(2), columns: 120, rows: 24 });
  await app.press('R');
  assert.match(app.bottom(), /R has no meaning here/);
  app.close();
});
