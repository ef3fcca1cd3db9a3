import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import stringWidth from 'string-width';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import type { Change } from '../../src/domain/ports.ts';
import { refOf } from '../../src/domain/ref.ts';
import { datagramsOf } from '../support/jvm-history.ts';
import {
  dropOf,
  instanceOf,
  jvmSampleOf,
  MIB,
  MINUTE_MS,
  NOW,
  putOf,
  senderOf,
} from '../support/store-entities.ts';
import { type OpenOptions, openConsole } from '../support/ui-console.tsx';

const NAME = 'lena-was-7d9c-x2p9q';
const POD = instanceOf(NAME, { addresses: ['10.42.0.11'] });
const BRAILLE = /[\u2801-\u28ff]/;

/** Whole frames, read before they were accepted; `L9S_ACCEPT=1` writes them anew. */
function assertFrame(name: string, screen: string): void {
  const file = path.join(import.meta.dirname, 'frames', `${name}.txt`);
  const trimmed = screen.replace(/ +$/gm, '');
  if (process.env['L9S_ACCEPT'] === '1') writeFileSync(file, `${trimmed}\n`);
  assert.equal(`${trimmed}\n`, readFileSync(file, 'utf8'));
}

/** The page of one server, watched before its datagrams come, so that every series is there. */
async function openPage(options: OpenOptions = {}, datagrams: readonly Change[] = history()) {
  const app = await openConsole({ columns: 120, rows: 50, changes: [putOf('instance', POD)], ...options });
  app.store.setStatus('prod', { state: 'live', lastGoodAt: NOW });
  const [first] = datagrams;
  if (first !== undefined) await app.data(first);
  await app.press('m');
  for (const one of datagrams) app.store.apply([one]);
  await app.afterData();
  return app;
}
const history = (more: (at: number, step: number) => Partial<JvmSample> = () => ({})) =>
  datagramsOf(NAME, { address: '10.42.0.11', sample: more });

/** What an agent or a probe sends beside. */
const AGENT = (_: number, step: number): Partial<JvmSample> => ({
  source: 'l9s',
  memoryPools: [
    { name: 'G1 Eden Space', usedBytes: (step % 40) * 4 * MIB, committedBytes: 200 * MIB },
    { name: 'G1 Old Gen', usedBytes: 250 * MIB, committedBytes: 700 * MIB, maxBytes: 1_024 * MIB },
    { name: 'Metaspace', usedBytes: 90 * MIB, committedBytes: 96 * MIB },
  ],
  collectors: [
    { name: 'G1 Young Generation', count: step, timeMs: step * 7 },
    { name: 'G1 Old Generation', count: 1, timeMs: 120 },
  ],
  pauses: { count: 31, p50Ms: 6, p95Ms: 14, p99Ms: 40, maxMs: 120 },
  threads: { live: 120 + (step % 5), peak: 140, daemon: 100 },
  cpu: { process: 0.34, system: 0.5 },
  classes: 18_204,
  fds: { open: 312, max: 65_536 },
});

test('m opens live charts with the figures of now above them', async () => {
  const app = await openPage();
  assertFrame('jvm-page-120x50', app.screen());
  app.close();
});

test('80 columns hold the figures and the heap, and scroll to the rest', async () => {
  const app = await openPage({ columns: 80, rows: 24 });
  assertFrame('jvm-page-80x24', app.screen());
  const seen = [app.screen()];
  for (let page = 0; page < 5; page++) {
    await app.press('<pgdn>');
    seen.push(app.screen());
  }
  for (const title of [
    'Heap after GC',
    'GC share',
    'Requests',
    'Mean response',
    'Active requests',
    'Full GC (1)',
  ]) {
    assert.ok(
      seen.some((screen) => screen.includes(title)),
      title,
    );
  }
  assert.ok(seen.every((screen) => screen.split('\n').every((line) => line.length <= 80)));
  app.close();
});

test('an agent brings pools, threads, CPU, descriptors and pauses; a LENA advertiser says what it does not send', async () => {
  const agent = await openPage({ rows: 120 }, history(AGENT));
  for (const title of [
    'Heap pools',
    'Memory beside the heap',
    'Threads',
    'CPU of the process',
    'Open descriptors',
  ]) {
    assert.match(agent.screen(), new RegExp(`^ *.*${title}`, 'm'), title);
  }
  assert.match(agent.screen(), /of 31 pauses sent p50 6 ms, p99 40 ms, max 120 ms/);
  assert.match(agent.screen(), /A G1 Eden Space/);
  assert.doesNotMatch(agent.screen(), /sends no thread counts/);
  agent.close();
  const lena = await openPage({ rows: 90 });
  assert.doesNotMatch(lena.screen(), /CPU of the process|Heap pools|p99/);
  assert.match(lena.screen(), /LENA advertiser sends no thread counts/);
  lena.close();
});

test('collections stand on the axis, a full one apart, and in a list with what it freed', async () => {
  const app = await openPage({ rows: 70 });
  const marks = app.lines().find((line) => /^ *(▼|F) Full GC /.test(line)) ?? '';
  assert.match(marks, /▼/);
  assert.match(marks, /╵/);
  assert.match(app.screen(), /04:58:00Z\s+2m\s+800 MiB\s+200 MiB\s+600 MiB/);
  app.close();
});

test('a heap whose leftover nobody saw says why, and ordered collections say that they are no trouble', async () => {
  const heap = { usedBytes: 300 * MIB, maxBytes: 1_024 * MIB };
  const young = await openPage(
    { rows: 90 },
    history(() => ({ source: 'l9s', heap, fullGcs: 0, lastFullGc: undefined })),
  );
  assert.match(young.screen(), /Heap +300 MiB of 1 GiB \(29%\) · after GC n\/a \(no Full GC yet\)/);
  assert.match(young.screen(), /After GC is what a Full GC leaves/);
  assert.doesNotMatch(young.screen(), /do(es)? not count as trouble/);
  young.close();
  const lastFullGc = { at: NOW - 60_000, beforeBytes: 9, afterBytes: 3, cause: 'Diagnostic Command' };
  const asked = await openPage(
    { rows: 90 },
    history((at) => (at < lastFullGc.at ? { lastFullGc: undefined } : { fullGcs: 1, lastFullGc })),
  );
  assert.match(asked.screen(), /Health +1 asked for .* does not count as trouble/);
  assert.doesNotMatch(asked.screen(), /After GC is what/);
  asked.close();
});

test('every chart has an ASCII form, and without colour its lines have letters', async () => {
  const ascii = await openPage({ rows: 100, settings: { isUnicode: false, isColor: false } }, history(AGENT));
  assert.match(ascii.lines().find((line) => /^ *(▼|F) Full GC /.test(line)) ?? '', /F/);
  assert.match(ascii.screen(), /\|\|\|\|/);
  for (const keys of [[], ['G'], ['h'], [':jvm\r'], [':events\r'], ['?']] as const) {
    await ascii.press(...keys);
    assert.match(ascii.screen(), /^\p{ASCII}*$/u, keys.join(''));
  }
  ascii.close();
  const plain = await openPage({ rows: 100, settings: { isColor: false } }, history(AGENT));
  const pools = plain.lines().findIndex((line) => line.includes('Heap pools'));
  const drawn = plain
    .lines()
    .slice(pools + 1, pools + 10)
    .join('\n');
  assert.match(drawn, BRAILLE);
  assert.match(drawn, /B⠒+B|B⠤+B|B⣀+B|B⠉+B/, 'the old generation is a level line with its letter in it');
  plain.close();
});

test('digits choose the stretch of time, beyond ten minutes by half minutes', async () => {
  const app = await openPage({}, []);
  const minutes = 40;
  const datagrams = datagramsOf(NAME, { address: '10.42.0.11', minutes, endAt: NOW + minutes * MINUTE_MS });
  datagrams.forEach((datagram, index) => {
    app.store.tick(NOW + index * 2_000);
    app.store.apply([datagram]);
  });
  await app.afterData();
  assert.match(app.screen(), /live · 10m/);
  for (const [key, span] of [
    ['1', '1m'],
    ['2', '5m'],
    ['4', '30m'],
    ['5', '1h'],
    ['6', '2h'],
    ['3', '10m'],
  ] as const) {
    await app.press(key);
    assert.match(app.screen(), new RegExp(`live · ${span}`));
    assert.match(app.screen(), new RegExp(`-${span} ─`));
  }
  await app.press('5');
  const filled = app
    .lines()
    .slice(9)
    .map((line) => (line.slice(0, 60).match(/█/g) ?? []).length);
  // Forty of sixty minutes are known.
  const widest = Math.max(...filled);
  assert.ok(widest >= 28 && widest <= 34, `${widest} of 46 cells`);
  await app.press('0');
  assert.match(app.screen(), /live · 10m/);
  await app.press('7');
  assert.match(app.bottom(), /7 has no meaning here/);
  app.close();
});

test('going back makes the charts stand still while data goes on; 0 follows the present again', async () => {
  const app = await openPage();
  await app.press('1', '<left>');
  assert.match(app.screen(), /paused at 04:59:3\dZ · 1m/);
  assert.match(app.screen(), /04:58:\d\dZ ─+ 04:\d\d:\d\dZ ─+ 04:59:3\dZ/);
  const plots = () =>
    app
      .lines()
      .filter((line) => BRAILLE.test(line) || line.includes('█'))
      .join('\n');
  const before = plots();
  const figures = () => app.lines().slice(3, 7).join('\n');
  const then = figures();
  assert.match(then, /Then +figures where these charts end; 0 follows the present/);
  const used = /Heap +(\S+ MiB) of 1 GiB/.exec(then)?.[1];
  assert.ok(used !== undefined && app.screen().includes(`█ used ${used}`), 'the same in words and legend');
  // Long enough for every sample shown to be kept as half minutes only.
  for (let step = 0; step < 50; step++) {
    await app.clock.advance(step < 10 ? 2_000 : 30_000);
    const at = app.clock.now();
    app.store.tick(at);
    const sender = senderOf(NAME, { sourceAddress: '10.42.0.11' });
    const heap = { usedBytes: 1_000 * MIB, maxBytes: 1_024 * MIB };
    const jvm = jvmSampleOf({ at, heap });
    app.store.apply([putOf('sender', { ...sender, heartbeat: { ...sender.heartbeat, at }, jvm })]);
  }
  await app.tick(1_000);
  assert.equal(plots(), before, 'what is shown stands still');
  assert.equal(figures(), then, 'and so do the figures above');
  await app.press('G');
  assert.match(app.screen(), /─ JVM, now ─[\s\S]*Heap used +1000 MiB/, 'those below are of now, and say so');
  await app.press('g');
  await app.press('<right>');
  assert.match(app.screen(), /paused at 05:00:0\dZ/);
  assert.notEqual(plots(), before);
  await app.press('0');
  assert.match(app.screen(), /live · 1m/);
  await app.press('l');
  assert.match(app.bottom(), /follow the present/);
  await app.press('h', 'l');
  assert.match(app.screen(), /live · 1m/, 'up to the present again');
  await app.press('h', '0');
  assert.match(app.screen(), /live · 1m/);
  await app.press('0');
  assert.match(app.screen(), /live · 10m/);
  app.close();
});

test('going back ends where knowledge begins, and says when that was', async () => {
  const app = await openPage();
  await app.press('6', 'h');
  assert.match(app.bottom(), /Nothing older is known: heard since 04:5\d:\d\dZ/);
  assert.match(app.screen(), /live · 2h/);
  await app.press('2', 'h');
  assert.match(app.bottom(), /Nothing older is known/, 'five minutes hold the four that are known');
  await app.press('1', ...Array.from({ length: 12 }, () => 'h'));
  assert.match(app.screen(), /paused at 04:5[67]:\d\dZ · 1m/);
  assert.match(app.bottom(), /Nothing older is known/);
  app.close();
});

test('nothing older than what is kept can be shown', async () => {
  const app = await openPage({}, []);
  const minutes = 150;
  const endAt = NOW + minutes * MINUTE_MS;
  const each = datagramsOf(NAME, { address: '10.42.0.11', minutes, endAt });
  each.forEach((datagram, index) => {
    if (index % 15 !== 0) return;
    app.store.tick(NOW + index * 2_000);
    app.store.apply([datagram]);
  });
  await app.afterData();
  await app.press('5', 'h', 'h');
  assert.match(app.screen(), /paused at 06:30:\d\dZ · 1h/);
  await app.press('h');
  assert.match(app.bottom(), /Nothing older is (kept: 2 hours|known)/);
  assert.match(app.screen(), /paused at 06:30:\d\dZ · 1h/);
  app.close();
});

test('what is zero since a part of the window only is not told to be zero in all of it', async () => {
  const app = await openPage(
    { rows: 90 },
    history(() => ({ errorPercent: 0, gcInterval: undefined })),
  );
  assert.match(app.screen(), /Zero as far as known, which is less than this window: .*Errors/);
  await app.press('1');
  assert.match(app.screen(), /Zero in this window: .*Errors/);
  assert.doesNotMatch(app.screen(), /as far as known/);
  app.close();
});

test('a clock in step with ours is told to be, not to be none', async () => {
  const sender = { heartbeat: { ...senderOf(NAME).heartbeat, at: NOW, clockSkewMs: -1 } };
  const datagrams = datagramsOf(NAME, { address: '10.42.0.11', sender });
  const app = await openPage({ rows: 110 }, datagrams);
  assert.match(app.screen(), /Its clock +in step with ours/);
  app.close();
});

test('nothing is painted while nothing changes', async () => {
  const app = await openPage();
  await app.press('6');
  // Overdue by now, and the age it says holds for a while.
  await app.tick(20_000);
  const before = app.stats();
  for (let second = 0; second < 5; second++) await app.tick(1_000);
  assert.deepEqual(app.stats(), before);
  app.close();
});

test('overdue figures are dim and say their age', async () => {
  const app = await openPage();
  await app.tick(45_000);
  assert.match(app.screen(), /Heard +lena, 30s \(overdue\)/);
  assert.match(app.screen(), /─ nothing heard · 5m/, 'nothing of it is live');
  assert.match(app.screen(), /~\d+ MiB/);
  app.close();
});

test('a server that vanishes keeps its last points', async () => {
  const app = await openPage();
  const sender = senderOf(NAME, { sourceAddress: '10.42.0.11' });
  await app.data(dropOf('instance', POD.ref), dropOf('sender', sender.ref));
  await app.tick(40 * MINUTE_MS);
  assert.equal(app.store.state.getState().tables.server.rows.size, 0);
  await app.press('5');
  assert.match(app.screen(), /gone; last known state/);
  assert.match(app.lines().slice(5, 16).join('\n'), /█/);
  app.close();
});

test('without datagrams the page says so, and what a probe answers', async () => {
  const app = await openPage({}, []);
  assert.match(app.screen(), /No datagram of .* was ever heard/);
  assert.match(app.screen(), /Reading it through pod exec/);
  await app.data(
    putOf('probe', {
      ref: refOf('probe', POD.ref.context, POD.ref.id),
      heartbeat: { at: NOW, perMinute: 0, rejected: 0, intervalMs: 2_000 },
      failure: {
        code: 'MODE_REFUSED',
        message: 'readonly reads nothing by exec',
        hint: 'Lift the mode with L',
      },
    }),
  );
  assert.match(app.screen(), /MODE_REFUSED: readonly reads nothing by exec → Lift the mode with L/);
  assert.doesNotMatch(app.screen(), /Reading it through/);
  app.close();
});

test('the servers looked at are told once, help leaves them, and leaving tells that none is', async () => {
  const app = await openPage();
  const id = POD.ref.id;
  assert.deepEqual(app.calls.looks, [[id]]);
  await app.press('?', 'q');
  await app.press('1', 'h', '0');
  assert.deepEqual(app.calls.looks, [[id]]);
  await app.press('y');
  assert.deepEqual(app.calls.looks.at(-1), []);
  await app.press('q');
  assert.deepEqual(app.calls.looks.at(-1), [id]);
  await app.press('q');
  assert.deepEqual(app.calls.looks, [[id], [], [id], []]);
  app.close();
});

test('^s saves what the page says and the points of its window', async () => {
  const app = await openPage();
  await app.press('1', '<c-s>');
  await app.until(() => app.calls.saved.length === 2, 'two files');
  const [summary, points] = app.calls.saved;
  assert.match(summary?.name ?? '', /^jvm-lena-was-7d9c-x2p9q-20260115-050000\.txt$/);
  assert.match(summary?.text ?? '', /## JVM\n[\s\S]*Heap used: /);
  assert.match(points?.name ?? '', /\.csv$/);
  const rows = (points?.text ?? '').trim().split('\n');
  assert.equal(rows[0], 'time,chart,series,unit,value');
  const heap = rows.filter((row) => row.includes(',Heap,used,bytes,'));
  assert.ok(heap.length >= 29 && heap.length <= 31, `${heap.length} samples of a minute`);
  assert.ok(rows.some((row) => /,Requests,,1\/s,40$/.test(row)));
  assert.match(app.bottom(), /Saved .*\.txt and .*\.csv/);
  await app.press('2', '<c-s>');
  await app.until(() => app.calls.saved.length === 4, 'two more');
  assert.match(app.calls.saved[3]?.text ?? '', /04:58:00\.000Z,Heap,Full GC,event,1/);
  app.close();
});

test('the page speaks Korean, and wide characters keep its columns', async () => {
  const name = '주문-서버';
  const pod = instanceOf(name, { addresses: ['10.42.0.11'] });
  const datagrams = datagramsOf(name, {
    address: '10.42.0.11',
    sample: () => ({ connectors: [{ name: '결제-커넥터', busy: 4, max: 200 }] }),
  });
  const app = await openPage({ changes: [putOf('instance', pod)], settings: { language: 'ko' } }, datagrams);
  assertFrame('jvm-page-ko-120x50', app.screen());
  app.close();
});

test('help on a page of charts begins with its keys, and leads back to it', async () => {
  const app = await openPage();
  await app.press('?');
  const titles = app.lines().filter((line) => line.startsWith('─ '));
  assert.match(titles[1] ?? '', /On a page of charts/);
  assert.match(app.screen(), /1 2 3 4 5 6 +the last 1 m, 5 m, 10 m, 30 m, 1 h, 2 h/);
  await app.press('q');
  assert.match(app.screen(), /JVM: lena-was-7d9c-x2p9q ─.* live · 5m/);
  app.close();
});

test('enter in :jvm opens the same page', async () => {
  const app = await openConsole({
    columns: 120,
    rows: 40,
    changes: [putOf('instance', POD), ...history().slice(-30)],
  });
  await app.press(':jvm\r', '<enter>');
  assert.match(app.screen(), /JVM: lena-was-7d9c-x2p9q ─.* live · 1m/);
  assert.deepEqual(app.calls.looks, [[POD.ref.id]]);
  app.close();
});

test('hostile names and figures neither reach the terminal nor break the page', async () => {
  const written: string[] = [];
  const names = Array.from({ length: 40 }, (_, index) => `c${index}\u001B]0;owned\u0007${'긴'.repeat(60)}`);
  const app = await openPage(
    { rows: 120, onWrite: (data) => written.push(data) },
    history((_, step) => ({
      connectors: names.map((name, index) => ({
        name,
        busy: step % 7,
        max: [-1, 0, 1e300, Number.NaN][index % 4],
      })),
      tps: [Number.NaN, Number.POSITIVE_INFINITY, -5, 1e308][step % 4],
      meanMs: -1,
    })),
  );
  assert.ok(written.every((data) => !data.includes('owned\u0007')));
  assert.ok(app.lines().every((line) => stringWidth(line) <= 120));
  assert.match(app.screen(), /34 more connectors and data sources stand in the tables below/);
  app.close();
});
