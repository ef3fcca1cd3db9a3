import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, NOW, putOf } from '../support/store-entities.ts';
import { openConsole } from '../support/ui-console.tsx';

const MESSAGE = 'lena-was-7d9c6f8b4-x2p9q stopped sending without a goodbye, and nobody else tells of it';
const TARGET = 'lena-was-7d9c6f8b4-x2p9q';
const silent = (id: string, context = 'prod', more: Parameters<typeof eventOf>[1] = {}) =>
  putOf(
    'event',
    eventOf(
      id,
      { level: 'error', type: 'SILENT', message: MESSAGE, targetName: TARGET, at: NOW - 60_000, ...more },
      context,
    ),
  );

async function openEvents(...changes: ReturnType<typeof silent>[]) {
  const app = await openConsole({ columns: 80, rows: 24, changes });
  await app.press(':events\r');
  const heading = () => app.lines().find((line) => line.includes('MESSAGE')) ?? '';
  return { app, heading };
}

test('80 columns give a message half of the line while no count and one context stand beside it', async () => {
  const { app, heading } = await openEvents(silent('1'), silent('2'));
  assert.doesNotMatch(heading(), /COUNT|CONTEXT/);
  assert.ok(80 - heading().indexOf('MESSAGE') >= 29, heading());
  assert.match(app.screen(), /SILENT +lena-was…\S+ +lena-was-7d9c6f8b4-x2p9q stop/);
  assert.match(app.bottom(), /stopped sending without a goodbye/, 'the row of the cursor in full');
  app.close();
});

test('a second context brings its column back, and it stays', async () => {
  const { app, heading } = await openEvents(silent('1'), silent('2'));
  await app.data(silent('3', 'vms'));
  assert.match(heading(), /CONTEXT/);
  assert.doesNotMatch(heading(), /COUNT/);
  app.close();
});

test('a wide terminal shows every column, and short messages push none out', async () => {
  const { app, heading } = await openEvents(silent('1', 'prod', { message: 'gone' }));
  assert.match(heading(), /CONTEXT +COUNT +MESSAGE/);
  await app.resize(200, 40);
  await app.data(silent('1'), silent('2'));
  assert.match(heading(), /CONTEXT +COUNT +MESSAGE/);
  app.close();
});
