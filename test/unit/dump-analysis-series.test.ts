import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyzeDumps } from '../../src/diagnosis/dump-analysis/analyze-dumps.ts';
import type { DumpThread } from '../../src/domain/thread-dump.ts';
import {
  analyze,
  dump,
  entry,
  IDLE,
  input,
  onPage,
  SLEEPING,
  said,
  shown,
  thread,
  workers,
} from '../support/dump-threads.ts';

const START = Date.UTC(2026, 10, 21, 6, 0, 0);
const at = (seconds: number, threads: readonly DumpThread[]) =>
  dump(threads, { saidAt: START + seconds * 1_000 });
const quiet = workers(10, IDLE);

test('CPU between dumps names the thread that burns it, by the ages of the thread itself', () => {
  const loop = (cpuMs: number, elapsedMs: number) =>
    thread('loop', { id: 7, frames: ['com.shop.Loop.run'], cpuMs, elapsedMs });
  const other = (cpuMs: number) => thread('other', { id: 8, ...IDLE, cpuMs, elapsedMs: 900_000 });
  const found = analyze(
    at(0, [loop(500, 60_000), other(100), ...quiet]),
    at(5, [loop(5_300, 65_000), other(200), ...quiet]),
  );
  assert.deepEqual(said(found), [
    'busy-thread error: "loop" used 96 % of a core for 5.0 s (98 % of all the JVM used), in com.shop.Loop.run',
  ]);
  const [busy] = found.json.series?.busy ?? [];
  assert.deepEqual(busy, {
    thread: 'loop',
    cpuMs: 4_800,
    wallMs: 5_000,
    coreShare: 0.96,
    place: 'com.shop.Loop.run',
  });
});

test('under a CPU limit a loop is known by using most of what the JVM gets', () => {
  const loop = (cpuMs: number, elapsedMs: number) =>
    thread('loop', { id: 7, frames: ['com.shop.Loop.run'], cpuMs, elapsedMs });
  const found = analyze(at(0, [loop(0, 1_000), ...quiet]), at(10, [loop(2_000, 11_000), ...quiet]));
  assert.match(said(found)[0] ?? '', /^busy-thread error: "loop" used 20 % of a core/);
});

test('a thread that comes and goes between its dumps is no loop although it used some CPU', () => {
  const work = (frame: string, cpuMs: number, elapsedMs: number) =>
    thread('work', { id: 7, frames: [frame], cpuMs, elapsedMs });
  const found = analyze(
    at(0, [work('com.shop.A.run', 0, 1_000), ...quiet]),
    at(10, [work('com.shop.B.run', 2_000, 11_000), ...quiet]),
  );
  assert.deepEqual(
    found.verdict.map(({ code }) => code),
    ['healthy'],
  );
});

test('without CPU times a method that runs in every dump is suspected, a native read is not', () => {
  const threads = [
    thread('loop', { id: 7, frames: ['com.shop.Loop.run'] }),
    thread('reader', { id: 8, frames: ['java.net.SocketInputStream.socketRead0', 'com.shop.Reader.run'] }),
    ...quiet,
  ];
  assert.deepEqual(said(analyze(at(0, threads), at(5, threads), at(10, threads))), [
    'suspected-busy-thread warn: "loop" ran in com.shop.Loop.run in all 3 dumps (10 s): perhaps a loop; these dumps tell no CPU',
  ]);
});

test('requests that stand still through a series are told, background threads that wait are not', () => {
  const background = thread('scheduler', {
    id: 5,
    state: 'TIMED_WAITING',
    frames: ['java.lang.Thread.sleep', 'com.shop.Scheduler.run'],
  });
  const threads = [background, ...workers(3, SLEEPING), ...workers(9, IDLE, 4)];
  const found = analyze(at(0, threads), at(5, threads), at(10, threads));
  assert.deepEqual(said(found), [
    'stuck-requests error: 3 requests have not moved in 3 dumps (10 s): com.shop.SlowPage.doGet, sleeping',
  ]);
  assert.deepEqual(
    found.json.series?.still.map(({ thread: name }) => name),
    ['scheduler', 'http-nio-8080-exec-1', 'http-nio-8080-exec-2', 'http-nio-8080-exec-3'],
  );
});

test('a request that moved is not stuck, nor is another request on the same worker’s thread', () => {
  const page = (name: string) => workers(1, { ...SLEEPING, frames: onPage(name, 'java.lang.Thread.sleep') });
  const found = analyze(
    at(0, [...page('com.shop.A.doGet'), ...workers(9, IDLE, 2)]),
    at(5, [...page('com.shop.B.doGet'), ...workers(9, IDLE, 2)]),
  );
  assert.deepEqual(
    found.verdict.map(({ code }) => code),
    ['healthy'],
  );
});

test('what holds in all dumps says so, what is new says so, and what is gone is told', () => {
  const blocked = [
    thread('holder', {
      id: 1,
      holds: ['0xa'],
      state: 'TIMED_WAITING',
      frames: ['java.lang.Thread.sleep', 'com.shop.A.b'],
    }),
    ...Array.from({ length: 6 }, (_none, index) =>
      thread(`late ${index}`, { id: 10 + index, state: 'BLOCKED', waitsFor: entry('0xa') }),
    ),
  ];
  const free = [thread('holder', { id: 1, ...IDLE }), thread('free', { id: 2, ...IDLE }), ...quiet];
  const codeAndEnd = (found: ReturnType<typeof analyze>) =>
    found.verdict.map(({ code, text }) => `${code} … ${text.en.split('; ').at(-1)}`);
  assert.deepEqual(codeAndEnd(analyze(at(0, blocked), at(5, blocked), at(10, blocked))), [
    'root-blocker … so in all 3 dumps (10 s)',
  ]);
  assert.deepEqual(codeAndEnd(analyze(at(0, [...free, ...quiet]), at(5, [...blocked, ...quiet]))), [
    'root-blocker … only in the last of 2 dumps',
  ]);
  const gone = analyze(at(0, [...blocked, ...quiet]), at(5, free));
  assert.match(
    said(gone)[0] ?? '',
    /^root-blocker-gone warn: no longer in the last dump: "holder" holds up 6 threads/,
  );
});

test('two dumps are compared: new threads, gone ones, other states, and pools that grew', () => {
  const found = analyze(
    at(0, [thread('gone', { id: 1 }), thread('same', { id: 2 }), ...workers(4, IDLE)]),
    at(5, [thread('same', { id: 2, ...IDLE }), thread('new', { id: 3, ...IDLE }), ...workers(6, IDLE)]),
  );
  const { added = [], gone = [], changed = [] } = found.json.series ?? {};
  assert.deepEqual(added, ['new', 'http-nio-8080-exec-5', 'http-nio-8080-exec-6']);
  assert.deepEqual(gone, ['gone']);
  assert.deepEqual(changed, [{ thread: 'same', from: 'RUNNABLE', to: 'WAITING' }]);
  const row = (part: string, subject: string) =>
    found.evidence.find((each) => each.part === part && each.subject === subject);
  assert.equal(row('pool', 'http-nio-8080-exec-#')?.change, 2);
  assert.equal(row('state', 'RUNNABLE')?.change, -2);
  assert.equal(row('state', 'WAITING')?.text.en, '4 → 8');
  assert.match(row('thread', 'new')?.text.en ?? '', /^new; /);
  assert.match(
    row('note', 'difference')?.text.en ?? '',
    /8 threads \(\+2\), 3 new, 1 gone, 1 in another state/,
  );
});

test('threads that become more and more are told with the pool that grew', () => {
  const grown = (count: number) =>
    Array.from({ length: count }, (_none, index) => thread(`mailer-${index}`, { id: 500 + index, ...IDLE }));
  const found = analyze(at(0, grown(40)), at(60, grown(70)), at(120, grown(95)));
  assert.deepEqual(said(found), [
    'thread-growth warn: threads grow: 40 → 70 → 95 (2 min 0 s), mailer-# by 55',
  ]);
});

test('a restart between two dumps is told, and nothing is measured across it', () => {
  const run = (from: number) =>
    Array.from({ length: 12 }, (_none, index) =>
      thread(`t${index}`, {
        id: from + index,
        frames: ['com.shop.Loop.run'],
        cpuMs: from * 1_000,
        elapsedMs: from * 1_000,
      }),
    );
  const found = analyze(at(0, run(1)), at(5, run(400)));
  assert.ok(found.evidence.some(({ part, subject }) => part === 'note' && subject === 'other-run'));
  assert.equal(found.json.series, undefined);
  assert.deepEqual(
    found.json.dumps.map(({ run: number }) => number),
    [1, 2],
  );
});

test('files are put in the order of their own times; times of files are not mixed with times of dumps', () => {
  const one = at(0, workers(3, IDLE));
  const two = at(30, workers(5, IDLE));
  const counts = (found: ReturnType<typeof analyzeDumps>) => found.json.dumps.map(({ threads }) => threads);
  assert.deepEqual(counts(analyzeDumps([input('b', two), input('a', one)])), [3, 5]);
  const untimed = dump(workers(4, IDLE));
  const mixed = analyzeDumps([
    { ...input('b', two), takenAt: START },
    { ...input('u', untimed), takenAt: START - 5_000 },
  ]);
  assert.deepEqual(counts(mixed), [4, 5]);
  assert.deepEqual(counts(analyzeDumps([input('b', two), input('u', untimed), input('a', one)])), [5, 4, 3]);
});

test('a last dump that is cut hides nothing of the whole ones before it', () => {
  const ring = [
    thread('left', { id: 1, state: 'BLOCKED', waitsFor: entry('0xb'), holds: ['0xa'] }),
    thread('right', { id: 2, state: 'BLOCKED', waitsFor: entry('0xa'), holds: ['0xb'] }),
    ...quiet,
  ];
  const cut = dump(ring.slice(0, 1), { saidAt: START + 10_000, isTruncated: true });
  const found = analyze(at(0, ring), at(5, ring), cut);
  assert.match(said(found)[0] ?? '', /^deadlock error: .*; so in all 2 dumps/);
  assert.equal(found.json.dumps.length, 3);
  const note = found.evidence.find(({ part, subject }) => part === 'note' && subject === '3.txt');
  assert.match(note?.text.en ?? '', /left out of the comparison/);
  const alone = analyze(cut);
  assert.match(said(alone)[0] ?? '', /the dump is cut short/);
});

test('dumps of two servers taken by turns are two series: each is judged, none is gone', () => {
  const ring = (from: number) => [
    thread('left', { id: from, state: 'BLOCKED', waitsFor: entry('0xb'), holds: ['0xa'] }),
    thread('right', { id: from + 1, state: 'BLOCKED', waitsFor: entry('0xa'), holds: ['0xb'] }),
    thread('third', { id: from + 2, ...IDLE }),
  ];
  const well = Array.from({ length: 4 }, (_none, index) => thread(`other ${index}`, { id: index, ...IDLE }));
  const found = analyze(at(0, ring(50)), at(1, well), at(5, ring(50)), at(6, well));
  assert.deepEqual(
    found.json.dumps.map(({ file, run }) => `${file} ${run}`),
    ['1.txt 1', '2.txt 2', '3.txt 1', '4.txt 2'],
  );
  assert.deepEqual(
    found.verdict.map(({ code, text }) => `${code}: ${text.en.split(':')[0]}`),
    ['deadlock: in 3.txt, another run or server than 4.txt'],
  );
});

test('a JVM whose threads are younger in the later dump is another one, whatever they are called', () => {
  const young = (elapsedMs: number) => workers(5, { ...IDLE, elapsedMs });
  const runs = (first: number, second: number) =>
    analyze(at(0, young(first)), at(30, young(second))).json.dumps.map(({ run }) => run);
  assert.deepEqual(runs(60_000, 90_000), [1, 1]);
  assert.deepEqual(runs(60_000, 12_000), [1, 2]);
  assert.deepEqual(runs(60_000, 900_000), [1, 2]);
});

test('stacks that more or fewer threads share are told in the comparison', () => {
  const found = analyze(
    at(0, [...workers(4, SLEEPING), ...workers(8, IDLE, 5)]),
    at(5, [...workers(9, SLEEPING), ...workers(3, IDLE, 10)]),
  );
  const note = found.evidence.find(({ subject }) => subject === 'difference');
  const block = shown(note).find(({ title }) => title === 'Threads of the same stack');
  assert.deepEqual(
    block?.lines.map((line) => line.trim()),
    ['+5  4 → 9  com.shop.SlowPage.doGet', '-5  8 → 3  org.apache.tomcat.util.threads.TaskQueue.take'],
  );
});

test('the same dump given twice is read once, and said so', () => {
  const threads = [thread('main', { id: 1, cpuMs: 5, elapsedMs: 900 }), ...quiet];
  const found = analyze(at(0, threads), at(0, threads));
  assert.deepEqual([found.json.dumps.length, found.json.series], [1, undefined]);
  assert.ok(
    found.evidence.some(({ text }) => text.en === '2.txt holds the same dump as 1.txt: it is read once'),
  );
  assert.equal(analyze(at(0, threads), at(1, threads)).json.dumps.length, 2);
});

test('where only the newest dumps of a log were read, the verdict says of how many', () => {
  const problem = { code: 'too-many-dumps', count: 4_162, line: 1, sample: '' };
  const last = dump([...quiet], { saidAt: START + 60_000, problems: [problem] });
  const found = analyzeDumps([input('was.log', at(0, quiet), last)]);
  assert.equal(said(found)[0], 'not-all-read warn: of was.log the newest 2 of 4164 dumps were read');
  assert.equal(found.evidence.find(({ part }) => part === 'state')?.text.en, 'in all 2 dumps');
});
