import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf } from '../support/store-entities.ts';
import { fleetOf, openConsole } from '../support/ui-console.tsx';

const counts = (more: Readonly<Record<string, number>> = {}) => ({
  datagrams: 100,
  perMinute: 1_204,
  rejected: 0,
  dropped: 0,
  ...more,
});

test('the header says what the receiver hears, loses and refuses now, not what it did before', async () => {
  const app = await openConsole({ changes: fleetOf(2), columns: 120, rows: 24 });
  const tell = async (more: Readonly<Record<string, number>>) => {
    app.store.setFacts('udp', { target: 'udp 0.0.0.0:16100', counts: counts(more) });
    await app.afterData();
    return app.lines()[1] ?? '';
  };
  assert.match(await tell({ rejected: 40 }), /16100: 1 200\/min · 0 lost {2,}/, 'refused before we looked');
  await app.tick(5_000);
  assert.match(await tell({ rejected: 47 }), /16100: 1 200\/min · 0 lost · 7 rejected /);
  await app.tick(5_000);
  assert.match(await tell({ rejected: 47, dropped: 3 }), /· 3 lost\/min · 7 rejected /);
  await app.tick(70_000);
  assert.match(await tell({ rejected: 47, dropped: 3, datagrams: 101 }), /· 0 lost {2,}/);
  app.close();
});

test('two receivers are summed, and their page says it in words', async () => {
  const contexts = [contextOf('prod'), contextOf('udp', 'udp'), contextOf('seoul-collector', 'udp')];
  const app = await openConsole({ contexts, columns: 120, rows: 30, settings: { language: 'ko' } });
  app.store.setFacts('udp', { target: 'udp 0.0.0.0:16100', counts: counts() });
  app.store.setFacts('seoul-collector', {
    target: 'udp 0.0.0.0:16100 via pid 4711 (collector)',
    counts: counts({ readers: 3, rejected: 2, 'rejected.l9s: cut': 2 }),
  });
  await app.afterData();
  assert.match(app.lines()[1] ?? '', /16100\+1: 2 400\/min · 손실 0/);
  await app.press('@', '/', 'seoul', '<enter>');
  assert.match(app.screen(), /seoul-collector .*거부 2, 다른 콘솔 3/);
  await app.press('<enter>');
  assert.match(app.screen(), /거부 +2: l9s: cut \(2\)/);
  assert.match(app.screen(), /접속한 콘솔 +3/);
  app.close();
});
