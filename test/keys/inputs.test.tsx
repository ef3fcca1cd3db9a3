import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appError } from '../../src/domain/errors.ts';
import { putOf, workloadOf } from '../support/store-entities.ts';
import { openConsole } from '../support/ui-console.tsx';

const WORKLOADS = ['lena-was', 'lena-web'].map((name) => putOf('workload', workloadOf(name, { desired: 2 })));

async function open() {
  const app = await openConsole({ changes: WORKLOADS, columns: 100, rows: 30, isActing: true });
  await app.press(':workloads\r');
  return app;
}

test('a count starts at what is there, moves by arrows, and must be within its bounds', async () => {
  const app = await open();
  await app.press('s');
  assert.match(app.screen(), /scale lena-was/);
  assert.match(app.screen(), /Servers {2}2/);
  await app.press('<up>', '<up>', '<down>');
  assert.match(app.screen(), /Servers {2}3/);
  await app.press('<c-u>', '5000', '<enter>');
  assert.match(app.screen(), /✖ A whole number from 0 to 1000/);
  await app.press('<c-u>', '<enter>');
  assert.match(app.screen(), /✖ Needed/);
  assert.equal(app.gate.calls.prepared.length, 0);
  await app.press('5', '<enter>');
  assert.deepEqual(app.gate.calls.prepared[0]?.input, { replicas: '5' });
  assert.match(app.screen(), /▸\[ Cancel \]/);
  assert.equal(app.gate.calls.runs.length, 0);
  app.close();
});

test('the first digit takes the place of the count that was there; letters do not go in', async () => {
  const app = await open();
  await app.press('s', 'x');
  assert.match(app.screen(), /Servers {2}2 /);
  assert.match(app.screen(), /✖ A whole number from 0 to 1000/);
  await app.press('1');
  assert.match(app.screen(), /Servers {2}1 /);
  assert.doesNotMatch(app.screen(), /✖/);
  await app.press('2', ' ', 'k');
  assert.match(app.screen(), /Servers {2}12 /);
  await app.press('<enter>');
  assert.deepEqual(app.gate.calls.prepared[0]?.input, { replicas: '12' });
  app.close();
});

test('a caret that was moved edits the count that was there', async () => {
  const app = await open();
  await app.press('s', '<end>', '0', '<enter>');
  assert.deepEqual(app.gate.calls.prepared[0]?.input, { replicas: '20' });
  app.close();
});

test('a refused input can be changed, with what was typed still there', async () => {
  const app = await open();
  app.gate.answers.prepareError = appError('INPUT_INVALID', 'a session pair stays two');
  await app.press('s', '<c-u>', '7', '<enter>');
  assert.match(app.screen(), /✖ INPUT_INVALID: a session pair stays two/);
  assert.match(app.screen(), /▸\[ Close \] {2}\[ Change input \]/);
  app.gate.answers.prepareError = undefined;
  await app.answer('<right>', '<enter>');
  assert.match(app.screen(), /Servers {2}7/);
  await app.press('<backspace>', '2', '<enter>');
  assert.deepEqual(app.gate.calls.prepared[1]?.input, { replicas: '2' });
  assert.match(app.screen(), /▸\[ Cancel \]/);
  app.close();
});

test('esc leaves the inputs without planning anything', async () => {
  const app = await open();
  await app.press('s', '<esc>');
  assert.doesNotMatch(app.screen(), /Servers {2}2/);
  assert.equal(app.gate.calls.prepared.length, 0);
  app.close();
});

test('what is typed on in the chunk that opened a dialog is no input', async () => {
  const app = await open();
  await app.send('s\u001517\r');
  assert.match(app.screen(), /Servers {2}2/);
  assert.equal(app.gate.calls.prepared.length, 0);
  app.close();
});

test('a choice is read with a spinner, filtered, and chosen', async () => {
  const app = await open();
  app.gate.answers.holds.options = true;
  app.gate.answers.options = Array.from({ length: 20 }, (_, index) => ({
    value: String(index + 1),
    label: `revision ${index + 1}`,
    detail: index === 2 ? 'lena:1.3, 2d' : '',
  }));
  await app.press('B');
  assert.match(app.screen(), /reading …/);
  await app.press('<enter>');
  assert.equal(app.gate.calls.prepared.length, 0, 'enter waits for what there is to choose');
  app.gate.release();
  await app.idle();
  assert.match(app.screen(), /▸ revision 1 /);
  assert.match(app.screen(), /12 more: ↑ ↓, or type to narrow/);
  await app.press('<down>', '<down>');
  assert.match(app.screen(), /▸ revision 3 +lena:1\.3, 2d/);
  await app.press('17');
  assert.match(app.screen(), /▸ revision 17/);
  assert.doesNotMatch(app.screen(), /revision 3/);
  await app.press('<enter>');
  assert.deepEqual(app.gate.calls.prepared[0]?.input, { revision: '17' });
  app.close();
});

test('a choice that cannot be read says why and can be asked again', async () => {
  const app = await open();
  app.gate.answers.optionsError = appError('FORBIDDEN', 'prod: replicasets may not be listed');
  await app.press('B');
  assert.match(app.screen(), /✖ FORBIDDEN: prod: replicasets may not be listed/);
  assert.match(app.screen(), /└─ esc leaves · enter reads again ─/);
  await app.resize(40, 20);
  assert.match(app.screen(), /✖ FORBIDDEN[\s\S]*be listed/, 'in full, over as many lines as it needs');
  app.gate.answers.optionsError = undefined;
  await app.press('<enter>');
  assert.match(app.screen(), /nothing to choose from/);
  await app.press('<enter>');
  assert.match(app.screen(), /✖ Needed/);
  assert.equal(app.gate.calls.prepared.length, 0);
  app.close();
});

test('options that come after the dialog was left open nothing', async () => {
  const app = await open();
  app.gate.answers.holds.options = true;
  await app.press('B', '<esc>');
  app.gate.release();
  await app.idle();
  assert.doesNotMatch(app.screen(), /reading/);
  assert.match(app.screen(), /─ Workloads ─/);
  app.close();
});

test('a verb for one row refuses several marked ones', async () => {
  const app = await open();
  await app.press('*', 'B');
  assert.match(app.bottom(), /roll back takes one row; 2 are marked/);
  app.close();
});

test('a paste goes into a field as one line', async () => {
  const app = await open();
  await app.press('s', '<c-u>');
  await app.paste('7\n');
  await app.press('<enter>');
  assert.deepEqual(app.gate.calls.prepared[0]?.input, { replicas: '7' });
  app.close();
});
