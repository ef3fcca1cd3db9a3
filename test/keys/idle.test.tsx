import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instanceOf, NOW, putOf, senderOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

test('nothing is painted while nothing changes', async () => {
  const pods = Array.from({ length: 30 }, (_, index) => putOf('instance', instanceOf(`was-${index}`)));
  const app = await openConsole({ changes: pods, columns: 120, rows: 40 });
  app.store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  await app.afterData();
  await app.tick(1_000);
  const before = app.stats();
  for (let second = 0; second < 6; second++) await app.tick(1_000);
  assert.deepEqual(app.stats(), before);
  app.close();
});

test('data paints at most once in a refresh interval, keys at once', async () => {
  const app = await openConsole({ changes: fleetOf(30), columns: 120, rows: 40 });
  await app.tick(1_000);
  const sender = senderOf('was-0', { sourceAddress: '10.42.0.10' });
  const before = app.stats().frames;
  for (let index = 1; index <= 50; index++) {
    const heap = { usedBytes: index * 2 ** 24, maxBytes: 2 ** 30 };
    app.store.apply([putOf('sender', { ...sender, jvm: { source: 'lena', at: NOW, heap } })]);
  }
  await app.afterData();
  assert.equal(app.stats().frames - before, 1);
  await app.press('j');
  assert.equal(app.stats().frames - before, 2);
  app.close();
});
