import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Change } from '../../src/domain/ports.ts';
import { datagramsOf } from '../support/jvm-history.ts';
import { dropOf, instanceOf, NOW, putOf, senderOf } from '../support/store-entities.ts';
import { type OpenOptions, openConsole } from '../support/ui-console.tsx';

/** Whole frames, read before they were accepted; `L9S_ACCEPT=1` writes them anew. */
function assertFrame(name: string, screen: string): void {
  const file = path.join(import.meta.dirname, 'frames', `${name}.txt`);
  const trimmed = screen.replace(/ +$/gm, '');
  if (process.env['L9S_ACCEPT'] === '1') writeFileSync(file, `${trimmed}\n`);
  assert.equal(`${trimmed}\n`, readFileSync(file, 'utf8'));
}

const nameOf = (index: number): string => `lena-was-7d9c6f8b4-n${index}`;
const addressOf = (index: number): string => `10.42.0.${index + 10}`;

/** `count` servers of a table, those beyond `heard` without a datagram. */
async function openFleet(count: number, options: OpenOptions & { readonly heard?: number } = {}) {
  const { heard = count, ...more } = options;
  const changes = Array.from({ length: count }, (_, index): Change[] => [
    putOf('instance', instanceOf(nameOf(index), { addresses: [addressOf(index)] })),
    ...(index < heard
      ? datagramsOf(nameOf(index), { address: addressOf(index), shift: index / Math.max(1, count - 1) })
      : []),
  ]).flat();
  const app = await openConsole({ columns: 120, rows: 50, ...more });
  app.store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  for (const change of changes) app.store.apply([change]);
  await app.afterData();
  return app;
}
const marks = (count: number): readonly string[] => Array.from({ length: count }, () => ' ');

test('marked servers share charts, one line each, with their figures below', async () => {
  const app = await openFleet(3);
  await app.press(...marks(3), 'm');
  assertFrame('compare-120x50', app.screen());
  assert.deepEqual(app.calls.looks, [[0, 1, 2].map((index) => `shop/${nameOf(index)}`)]);
  app.close();
});

for (const columns of [80, 120]) {
  test(`six fit ${columns} columns with their letters, whose names stand above in full`, async () => {
    const app = await openFleet(6, { columns, rows: 24 });
    await app.press(...marks(6), 'm');
    const [above, legend] = [app.lines().slice(3, 5).join(' '), app.lines().slice(5, 7).join(' ')];
    [...'ABCDEF'].forEach((letter, index) => {
      assert.match(above, new RegExp(`${letter} ${nameOf(index)}( |$)`));
      assert.match(legend, new RegExp(` ${letter} (\\S+ )?\\d+%`));
    });
    assert.doesNotMatch(legend, / [A-F] (?=\S{1,15} )\S*…/, 'no name is cut until it says nothing');
    assert.match(app.screen(), /JVM: 6 compared ─+ live · 5m/);
    await app.press('G');
    assert.match(app.screen(), /^ {2}F lena-\S*n5 /m);
    app.close();
  });
}

test('more than six: the first six shown, and it says so', async () => {
  const app = await openFleet(9);
  await app.press('*', 'm');
  assert.match(app.bottom(), /6 can be compared: the first 6 shown of 9 marked/);
  assert.match(app.screen(), /6 compared \(jvm\)/);
  assert.deepEqual(app.calls.looks.at(-1)?.length, 6);
  assert.deepEqual(app.calls.looks.at(-1)?.[5], `shop/${nameOf(5)}`);
  app.close();
});

test('marked rows that are not shown or run no JVM are left out by number and name', async () => {
  const app = await openFleet(3);
  const web = senderOf('web-1', { serverType: 'web', sourceAddress: '10.9.0.1', jvm: undefined });
  await app.data(putOf('sender', web));
  await app.press('*', '/lena|web\r', 'm');
  assert.match(app.screen(), /3 compared/);
  assert.match(app.bottom(), /runs no JVM/);
  await app.press('q', '/n0\r', 'm');
  assert.match(app.screen(), /JVM: lena-was-7d9c6f8b4-n0 ─/);
  assert.match(app.bottom(), /3 marked but not shown: left out/);
  app.close();
});

test('one marked row is a page of its own, from :jvm too', async () => {
  const app = await openFleet(3);
  await app.press(':jvm\r', ' ', 'm');
  assert.match(app.screen(), /JVM: lena-was-7d9c6f8b4-n\d ─/);
  assert.match(app.screen(), /Heap after GC/);
  await app.press('q', ' ', 'm');
  assert.match(app.screen(), /2 compared \(jvm\)/);
  app.close();
});

test('one that vanishes stays with its last points, marked gone', async () => {
  const app = await openFleet(2);
  await app.press(...marks(2), 'm');
  const pod = instanceOf(nameOf(1), { addresses: [addressOf(1)] });
  const sender = senderOf(nameOf(1), { sourceAddress: addressOf(1) });
  await app.data(dropOf('instance', pod.ref), dropOf('sender', sender.ref));
  await app.tick(60_000);
  assert.equal(app.store.state.getState().tables.server.rows.size, 1);
  assert.match(app.screen(), /— 1 gone ─/);
  assert.match(app.screen(), /^ {2}A \S+n0 {2}B lena-was-7d9c6f8b4-n1 \(gone\)$/m);
  assert.match(app.screen(), /B lena-was-7d9c6f8b4-n1 ~\d+% gone/);
  const row = app.lines().findLast((line) => line.startsWith('  B ')) ?? '';
  assert.match(row, / gone +~\d+% +~1 GiB +~\d+% +~\d/);
  app.close();
});

test('silent ones give way where too many are marked, and are named where they are compared', async () => {
  const app = await openFleet(8, { heard: 6 });
  await app.press('*', 'N', 'm');
  assert.match(app.bottom(), /6 can be compared: the first 6 (shown|heard) of 8 marked$/);
  assert.deepEqual(
    [...(app.calls.looks.at(-1) ?? [])].sort(),
    [0, 1, 2, 3, 4, 5].map((index) => `shop/${nameOf(index)}`),
  );
  await app.press('q', '/n0|n7\r', 'm');
  assert.match(app.bottom(), /not heard now: \S+n7/);
  app.close();
});

test('servers that were never heard say why and draw nothing', async () => {
  const app = await openFleet(2, { heard: 1 });
  await app.press(...marks(2), 'm');
  assert.match(app.screen(), /n1 +No datagram of .* was ever heard → /);
  assert.match(app.screen(), /B \S+n1 –/);
  app.close();
});

test('without colour, letters stand in the lines', async () => {
  const app = await openFleet(3, { settings: { isColor: false } });
  await app.press(...marks(3), 'm');
  const heap = app.lines().slice(4, 14).join('\n');
  for (const letter of 'ABC') assert.ok((heap.match(new RegExp(letter, 'g')) ?? []).length >= 4, letter);
  app.close();
});

test('the window and ^s work on a comparison too', async () => {
  const app = await openFleet(2);
  await app.press(...marks(2), 'm', '1', 'h');
  assert.match(app.screen(), /paused at 04:59:3\dZ · 1m/);
  await app.press('<c-s>');
  await app.until(() => app.calls.saved.length === 2, 'two files');
  const [summary, points] = app.calls.saved;
  assert.match(
    summary?.text ?? '',
    /^# \S+n0, \S+n1\n2026-01-15 04:58:\d\dZ – 2026-01-15 04:59:\d\dZ\n\n## Now\nSERVER\tCONTEXT\tHEARD\tHEAP/,
  );
  const rows = (points?.text ?? '').trim().split('\n');
  for (const index of [0, 1]) {
    const own = rows.filter((row) => row.includes(`,Heap,${nameOf(index)},%,`));
    assert.ok(own.length >= 28 && own.length <= 32, `${own.length}`);
  }
  await app.press(':save json\r');
  await app.until(() => app.calls.saved.length === 3, 'a third file');
  assert.equal(JSON.parse(app.calls.saved[2]?.text ?? '').servers.length, 2);
  app.close();
});
