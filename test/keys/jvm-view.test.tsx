import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instanceOf, jvmSampleOf, MIB, MINUTE_MS, NOW, putOf, senderOf } from '../support/store-entities.ts';
import { openConsole } from '../support/ui-console.tsx';

const jvm = jvmSampleOf({
  heap: { usedBytes: 900 * MIB, maxBytes: 1_000 * MIB, afterGcBytes: 700 * MIB },
  gcTimePercent: 3.4,
  fullGcs: 5,
  lastFullGc: { at: NOW - 3 * MINUTE_MS },
  active: { total: 9, under3s: 6, under8s: 2, over8s: 1 },
  errorPercent: 1.5,
});
const CHANGES = [
  putOf('instance', instanceOf('lena-was-hot', { addresses: ['10.42.0.11'] })),
  putOf('sender', senderOf('lena-was-hot', { sourceAddress: '10.42.0.11', jvm })),
  putOf('instance', instanceOf('lena-was-calm', { addresses: ['10.42.0.12'] })),
  putOf(
    'sender',
    senderOf('lena-was-calm', {
      sourceAddress: '10.42.0.12',
      jvm: jvmSampleOf({ heap: { usedBytes: 100 * MIB, maxBytes: 1_000 * MIB } }),
    }),
  ),
  putOf('instance', instanceOf('lena-was-mute', { addresses: ['10.42.0.13'] })),
];
const namesOf = (lines: readonly string[]): readonly string[] =>
  lines.flatMap((line) => /lena-was-(\w+) /.exec(line)?.[1] ?? []);

test(':jvm shows what an operator asks of a heap, at 80 and at 120 columns', async () => {
  const narrow = await openConsole({ changes: CHANGES, columns: 80, rows: 24 });
  await narrow.press(':jvm\r');
  assert.match(narrow.screen(), /NAME +CONTEXT +HEALTH +HEAP↓ +AFTER-GC +GC% +FULL GC +BUSY/);
  assert.deepEqual(namesOf(narrow.lines().slice(4, -1)), ['hot', 'calm', 'mute']);
  assert.match(narrow.screen(), /lena-was-hot +prod +▲ warn .*90% +70% +3\.4 +3m +4\/200 +41\.2/);
  assert.match(narrow.screen(), /lena-was-mute .*no datagrams/);
  narrow.close();
  const wide = await openConsole({ changes: CHANGES, columns: 120, rows: 24 });
  await wide.press(':jvm\r');
  assert.match(wide.screen(), /<3S\/<8S\/8S\+ +TPS +MEAN MS +ERR % +POOLS +AGE/);
  assert.match(wide.screen(), /lena-was-hot .* 6\/2\/1 +41\.2 +37 +1\.5 +2\/20 +61m/);
  wide.close();
});

test(':jvm sorts, filters by its favourites and says how to hear who is silent', async () => {
  const app = await openConsole({ changes: CHANGES, columns: 120, rows: 24 });
  await app.press(':jvm\r', '4');
  assert.deepEqual(namesOf(app.lines().slice(4, -1)), ['hot'], 'fullgc<10m');
  await app.press('5');
  assert.deepEqual(namesOf(app.lines().slice(4, -1)), ['hot'], 'over8s>0');
  await app.press('7');
  assert.deepEqual(namesOf(app.lines().slice(4, -1)), ['mute'], 'source=n/a');
  assert.match(app.bottom(), /No datagram of it was ever heard → l9s doctor --server lena-was-mute/);
  await app.press('0', 'H');
  assert.deepEqual(namesOf(app.lines().slice(4, -1)), ['calm', 'hot', 'mute'], 'unknown stays last');
  app.close();
});

test('figures that stopped coming are marked, and their row says what it is', async () => {
  const app = await openConsole({ changes: CHANGES, columns: 120, rows: 24 });
  await app.press(':jvm\r');
  assert.doesNotMatch(app.screen(), /~/);
  await app.tick(45_000);
  assert.match(app.screen(), /lena-was-hot .*~90% +~70% +~3\.4 +~3m +~4\/200 +~6\/2\/1 +~41\.2/);
  app.close();
});

test('an overdue number keeps all its digits, at 80 columns too', async () => {
  const full = jvmSampleOf({
    heap: { usedBytes: 1_000 * MIB, maxBytes: 1_000 * MIB, afterGcBytes: 1_000 * MIB },
    gcTimePercent: 100,
    tps: 123_456,
  });
  const sender = senderOf('lena-was-full', { jvm: full });
  for (const columns of [80, 120]) {
    const app = await openConsole({ changes: [putOf('sender', sender)], columns, rows: 24 });
    await app.tick(45_000);
    for (const view of [':servers\r', ':jvm\r']) {
      await app.press(view);
      assert.match(app.screen(), /▇ ~100%/, `${view} ${columns}`);
      assert.match(app.screen(), /▇ ~100% .*~123 456|^((?!TPS).)*$/s, `${view} ${columns}`);
      assert.doesNotMatch(app.screen(), /~[\d .]*…/, `${view} ${columns}`);
    }
    assert.match(app.screen(), /~100% +~100\.0/);
    app.close();
  }
});
