import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFailure } from '../../src/domain/errors.ts';
import { contextOf, instanceOf, NOW, putOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

test('a context that dies and returns says so, with code, cause and remedy, and its rows stay', async () => {
  const app = await openConsole({ changes: fleetOf(3), columns: 120, rows: 30 });
  app.store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  await app.afterData();
  assert.match(app.screen(), /● prod 3 live/);
  app.store.setStatus('prod', {
    state: 'failed',
    error: sourceFailure('CONNECTION_LOST', 'prod: the watch was cut'),
    lastGoodAt: NOW,
  });
  await app.tick(45_000);
  assert.match(app.screen(), /✖ prod 3 connection lost 30s/);
  assert.match(app.cursorLine() ?? '', /was-0 .*30s/, 'the row says how old it is');
  await app.press('@');
  assert.match(app.screen(), /prod .*✖ failed .*CONNECTION_LOST: prod: the watch was cut/);
  assert.match(
    app.bottom(),
    /^CONNECTION_LOST: prod: the watch was cut\. Check what lies between/,
    'code, cause and remedy',
  );
  await app.press('/', 'prod', '<enter>', '<enter>');
  assert.match(app.screen(), /Error .*CONNECTION_LOST/);
  assert.match(app.screen(), /prod: the watch was cut/);
  assert.match(app.screen(), /Check what lies between/);
  app.store.setStatus('prod', { state: 'live', lastGoodAt: app.clock.now() });
  await app.afterData();
  assert.match(app.screen(), /State .*● live/);
  await app.press('-', '-', 'o');
  assert.match(app.screen(), /servers \(prod\)|Contexts/);
  app.close();
});

test('from a context to its servers', async () => {
  const app = await openConsole({
    columns: 120,
    rows: 24,
    contexts: [contextOf('prod'), contextOf('lab')],
    changes: [
      putOf('instance', instanceOf('was-0')),
      putOf('instance', instanceOf('was-9', { context: 'lab', addresses: ['10.9.0.1'] })),
    ],
  });
  await app.press(':ctx\r', 'o');
  assert.match(app.screen(), /servers \(lab\)/);
  assert.match(app.screen(), /1 of 1/);
  assert.match(app.cursorLine() ?? '', /was-9 /);
  app.close();
});

test('more contexts than fit: those in trouble stay in sight', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `cluster-${index}`);
  const app = await openConsole({ columns: 80, rows: 24, contexts: names.map((name) => contextOf(name)) });
  for (const name of names) app.store.setStatus(name, { state: 'live', lastGoodAt: NOW });
  app.store.setStatus('cluster-29', { state: 'denied', error: sourceFailure('UNAUTHORIZED', 'expired') });
  await app.afterData();
  assert.match(app.lines()[0] ?? '', /⊘ cluster-29 0 unauthorized .*\+2\d/);
  app.close();
});
