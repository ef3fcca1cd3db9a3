import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFailure } from '../../src/domain/errors.ts';
import { NOW, putOf, workloadOf } from '../support/store-entities.ts';
import { openConsole, wasWithHeap } from '../support/ui-console.tsx';

const CHANGES = [
  ...wasWithHeap('was-0', 40, '10.42.0.11'),
  ...wasWithHeap('was-1', 90, '10.42.0.12'),
  putOf('workload', workloadOf('lena-was')),
];

test('wide columns scroll with the selected one, and the title says where', async () => {
  const app = await openConsole({ changes: CHANGES, columns: 120, rows: 24 });
  await app.press('<c-w>');
  assert.match(app.screen(), /columns 1–\d+ of 27 →/);
  for (let pressed = 0; pressed < 27; pressed++) await app.press('<shift-right>');
  const [, , title = '', heading = ''] = app.screen().split('\n');
  assert.match(title, /← columns \d+–27 of 27 /);
  assert.match(heading, /NAME↑.*\[SESSIONS\]/);
  assert.match(app.screen(), /was-0/, 'the name stays');
  for (let pressed = 0; pressed < 27; pressed++) await app.press('<shift-left>');
  assert.match(app.screen(), /columns 1–\d+ of 27 →/);
  app.close();
});

test('rows of a source that failed are questioned, not shown as stable', async () => {
  const app = await openConsole({ changes: CHANGES, columns: 120, rows: 24 });
  app.store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  await app.afterData();
  assert.match(app.screen(), /was-0 .* ready /);
  await app.press(':workloads', '<enter>');
  assert.match(app.screen(), /lena-was .* ● stable/);
  const error = sourceFailure('UNREACHABLE', 'prod does not answer');
  app.store.setStatus('prod', { state: 'failed', error, lastGoodAt: NOW });
  await app.afterData();
  assert.match(app.screen(), /lena-was .*\d\/\d\? .*\? stable/);
  assert.doesNotMatch(app.screen(), /● stable/);
  await app.press(':servers', '<enter>');
  assert.match(app.screen(), /was-0 .* ready\? /);
  app.close();
});
