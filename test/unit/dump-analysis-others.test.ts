import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyzeDumps } from '../../src/diagnosis/dump-analysis/analyze-dumps.ts';
import type { DumpInput } from '../../src/diagnosis/dump-analysis/analyze-server.ts';
import { EVIDENCE_PARTS } from '../../src/domain/analysis.ts';
import { isLiveHistogram } from '../../src/domain/dump.ts';
import type { ServiceRequest } from '../../src/domain/service-dump.ts';
import type { ClassCount } from '../../src/domain/thread-dump.ts';
import { analyze, dump, entry, input, onPage, said, thread, workers } from '../support/dump-threads.ts';

const histogram = (name: string, ...classes: readonly (readonly [string, number, number])[]): DumpInput => ({
  name,
  content: {
    kind: 'histogram',
    histograms: [
      {
        classes: classes.map(
          ([className, instances, bytes]): ClassCount => ({ className, instances, bytes }),
        ),
        isTruncated: false,
        problems: [],
      },
    ],
  },
});
const services = (at: number, ...requests: readonly ServiceRequest[]): DumpInput => ({
  name: `${at}.txt`,
  content: {
    kind: 'service',
    dump: { from: 'lena', server: 'was-1', at, missing: [], requests },
    problems: [],
  },
});

test('a histogram names the largest classes, two name what grew', () => {
  const before = histogram('1', ['byte[]', 1_000, 40_000_000], ['com.shop.Session', 10_000, 8_000_000]);
  const after = histogram('2', ['com.shop.Session', 60_000, 48_000_000], ['byte[]', 1_100, 44_000_000]);
  assert.deepEqual(said(analyzeDumps([before])), [
    'largest-classes ok: 11000 objects take 45.8 MiB; largest: byte[] 38.1 MiB, com.shop.Session 7.6 MiB',
  ]);
  const found = analyzeDumps([before, after]);
  assert.deepEqual(said(found), [
    'class-growth warn: com.shop.Session grew by 50000 instances (+500 %) to 60000, +38.1 MiB',
    'heap-growth warn: objects take 87.7 MiB, +42.0 MiB; most grown: com.shop.Session +38.1 MiB, byte[] +3.8 MiB',
  ]);
  const [first] = found.evidence.filter(({ part }) => part === 'class');
  assert.deepEqual(
    [first?.subject, first?.count, first?.bytes, first?.change],
    ['com.shop.Session', 60_000, 48_000_000, 50_000],
  );
});

test('a class of two loaders is one class, and one that is gone shrank to nothing', () => {
  const before = histogram('1', ['com.shop.A', 5, 500], ['com.shop.B', 7, 700]);
  const after = histogram('2', ['com.shop.A', 4, 400], ['com.shop.A', 6, 600]);
  const classes = analyzeDumps([before, after]).json.histogram?.classes ?? [];
  assert.deepEqual(
    classes.map(({ className, instances, instancesBefore }) => [className, instances, instancesBefore]),
    [
      ['com.shop.A', 10, 5],
      ['com.shop.B', 0, 7],
    ],
  );
});

test('requests of a service dump: the longest, the blocked, and by service and SQL', () => {
  const sql = 'select * from orders where id = ?';
  const found = analyzeDumps([
    services(
      1_000,
      { thread: 'exec-1', service: '/slow', elapsedMs: 42_000, sql },
      { thread: 'exec-2', service: '/slow', elapsedMs: 9_000, sql, state: 'BLOCKED' },
      { thread: 'exec-3', service: '/fast', elapsedMs: 20 },
    ),
  ]);
  assert.deepEqual(said(found), [
    'slow-requests warn: 2 requests of 3 have run for more than 8.0 s; longest 42 s: /slow on "exec-1"',
    'blocked-requests warn: 1 request waits for a lock: /slow on "exec-2"',
  ]);
  const rows = (part: string) =>
    found.evidence.filter((row) => row.part === part).map(({ subject }) => subject);
  assert.deepEqual(rows('request'), ['exec-1', 'exec-2', 'exec-3']);
  assert.deepEqual(rows('group'), ['/slow', '/fast', sql]);
});

test('the same request in two service dumps is told; another one on its thread is not', () => {
  const request = (txid: string, elapsedMs: number) => ({ thread: 'exec-1', service: '/a', txid, elapsedMs });
  const codes = (first: string, second: string) =>
    analyzeDumps([services(1_000, request(first, 100)), services(6_000, request(second, 5_100))]).verdict.map(
      ({ code }) => code,
    );
  assert.deepEqual(codes('x1', 'x1'), ['stuck-requests']);
  assert.deepEqual(codes('x1', 'x2'), ['requests']);
});

test('an idle server’s service dump says that nothing is in flight', () => {
  assert.deepEqual(said(analyzeDumps([services(1)])), ['requests ok: no request is in flight']);
});

test('what cannot be read of a file is told, once for all its dumps', () => {
  const problem = { code: 'unread-line', count: 2, line: 7, sample: 'what is this' };
  const found = analyzeDumps([
    input(
      'was.txt',
      dump([thread('a')], { problems: [problem] }),
      dump([thread('a')], { problems: [problem] }),
    ),
  ]);
  assert.deepEqual(
    found.problems.map(({ en }) => en),
    ['was.txt: unread line × 4, first in line 7: "what is this"'],
  );
  assert.ok(found.evidence.some(({ part, subject }) => part === 'note' && subject === 'unread'));
});

test('a dump that is cut is not called healthy', () => {
  assert.deepEqual(said(analyze(dump([thread('a', { state: 'WAITING' })], { isTruncated: true }))), [
    'incomplete warn: nothing found, but the dump is not whole: 1 thread, none is blocked',
  ]);
});

test('evidence is bounded and in order, and the verdict has eight lines at most', () => {
  const holders = Array.from({ length: 30 }, (_none, index) =>
    thread(`holder-x${index}`, {
      holds: [`0x${index}`],
      state: 'TIMED_WAITING',
      frames: ['java.lang.Thread.sleep', 'com.shop.A.b'],
    }),
  );
  const waiters = Array.from({ length: 6_000 }, (_none, index) =>
    thread(`http-nio-8080-exec-${index}`, {
      state: 'BLOCKED',
      waitsFor: entry(`0x${index % 30}`),
      frames: onPage(`com.shop.Page${index % 700}.doGet`),
    }),
  );
  const found = analyze(dump([...holders, ...waiters, ...workers(3, {}, 7_000)]));
  assert.equal(found.verdict.length, 8);
  assert.ok(found.evidence.length <= 2_000, `${found.evidence.length} rows`);
  const places = found.evidence.map(({ part }) => EVIDENCE_PARTS.indexOf(part));
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  const lines = found.evidence.flatMap(({ blocks }) => blocks.flatMap((block) => block.lines)).length;
  assert.ok(lines <= 101_000, `${lines} lines`);
  assert.ok(found.evidence.some(({ part }) => part === 'thread'));
});

test('names of any length make sentences of bounded length', () => {
  const long = 'x'.repeat(5_000);
  const [line] = analyze(
    dump([
      thread(`${long}1`, { state: 'BLOCKED', waitsFor: entry('0xb'), holds: ['0xa'] }),
      thread(`${long}2`, { state: 'BLOCKED', waitsFor: entry('0xa'), holds: ['0xb'] }),
    ]),
  ).verdict;
  assert.ok((line?.text.en.length ?? 0) <= 600);
  assert.ok((line?.text.ko.length ?? 0) <= 600);
});

test('classes there is no row for are counted, and all are there where all are asked for', () => {
  const many = histogram(
    '1',
    ...Array.from({ length: 3_790 }, (_none, index) => [`com.shop.C${index}`, 1, 4_000 - index] as const),
  );
  const rows = ({ evidence }: ReturnType<typeof analyzeDumps>) =>
    evidence.filter(({ part }) => part === 'class').length;
  const found = analyzeDumps([many]);
  assert.deepEqual([rows(found), found.left.get('class')], [1_000, 2_790]);
  assert.ok(
    found.evidence.some(({ part, text }) => part === 'note' && text.en.startsWith('2790 more classes')),
  );
  const whole = analyzeDumps([many, input('t.txt', dump([thread('a')]))], { isWhole: true });
  assert.deepEqual([rows(whole), whole.left.get('class')], [3_790, undefined]);
  assert.ok(whole.evidence.some(({ part }) => part === 'thread'));
});

test('dumps of several servers are told each under its name, and never compared', () => {
  const ring = [
    thread('exec-1', { id: 1, state: 'BLOCKED', waitsFor: entry('0xb'), holds: ['0xa'] }),
    thread('exec-2', { id: 2, state: 'BLOCKED', waitsFor: entry('0xa'), holds: ['0xb'] }),
  ];
  const crowd = Array.from({ length: 60 }, (_none, index) =>
    thread(`exec-${index + 1}`, { id: index + 1, state: 'WAITING' }),
  );
  const of = (server: string, second: number, threads: typeof ring): DumpInput => ({
    ...input(`${server}.txt`, dump(threads, { saidAt: second * 1_000 })),
    server,
  });
  const found = analyzeDumps([of('shop', 1, ring), of('pay', 2, crowd), of('shop', 3, ring)]);
  assert.deepEqual(said(found), [
    'deadlock error: shop: deadlock of 2 threads on monitors: "exec-1", "exec-2"; so in all 2 dumps (2.0 s)',
    'healthy ok: pay: nothing stands out: 60 threads, none is blocked',
  ]);
  assert.deepEqual(
    found.json.servers?.map(({ server, dumps, series }) => [server, dumps.length, series !== undefined]),
    [
      ['shop', 2, true],
      ['pay', 1, false],
    ],
  );
  assert.ok(found.evidence.some(({ part, text }) => part === 'lock' && text.en.startsWith('shop: held by')));
  assert.ok(found.evidence.some(({ part, text }) => part === 'thread' && text.en.startsWith('pay: ')));
  const histograms = [
    histogram('1', ['com.shop.A', 5_000, 50_000_000]),
    histogram('2', ['com.shop.A', 90_000, 900_000_000]),
  ];
  const apart = analyzeDumps(histograms.map((each, index) => ({ ...each, server: `s${index}` })));
  assert.deepEqual(
    apart.verdict.map(({ code }) => code),
    ['largest-classes', 'largest-classes'],
  );
});

test('requests whose times nobody tells are not called quick', () => {
  const of = (...requests: readonly ServiceRequest[]) => said(analyzeDumps([services(1, ...requests)]));
  const frame = 'com.shop.Page.doGet';
  assert.deepEqual(
    of({ thread: 'exec-1', state: 'RUNNABLE', frame }, { thread: 'exec-2', state: 'WAITING', frame }),
    ['requests ok: 2 requests in flight, none blocked; how long they run is not known'],
  );
  assert.deepEqual(of({ thread: 'exec-1', elapsedMs: 20, service: '/a' }), [
    'requests ok: 1 request in flight, none slow; which wait for a lock is not known, longest 20 ms: /a on "exec-1"',
  ]);
  assert.deepEqual(of({ thread: 'exec-1', state: 'RUNNABLE', elapsedMs: 20, service: '/a' }), [
    'requests ok: 1 request in flight, none slow or blocked, longest 20 ms: /a on "exec-1"',
  ]);
});

test('a histogram of what is reachable is not compared with one that counts garbage', () => {
  const plain = { ...histogram('1', ['com.shop.A', 90_000, 90_000_000]), isLive: false };
  const live = (name: string, instances: number) => ({
    ...histogram(name, ['com.shop.A', instances, 1_000 * instances]),
    isLive: true,
  });
  const found = analyzeDumps([plain, live('2', 1_000)]);
  assert.match(
    said(found)[0] ?? '',
    /^histograms-not-alike warn: not compared: the last histogram counts only what is reachable, 1 before it garbage too$/,
  );
  assert.equal(found.json.histogram?.firstBytes, undefined);
  const alike = analyzeDumps([live('1', 1_000), plain, live('3', 9_000)]);
  assert.ok(
    alike.verdict.some(
      ({ code, next }) => code === 'class-growth' && /All of it is reachable/.test(next?.en ?? ''),
    ),
  );
});

test('classes that grew come before those that shrank', () => {
  const before = histogram('1', ['com.A', 1, 9_000], ['com.B', 1, 10], ['com.C', 1, 10], ['com.D', 1, 7]);
  const after = histogram('2', ['com.A', 1, 100], ['com.B', 1, 20], ['com.C', 1, 500], ['com.D', 1, 7]);
  const names = analyzeDumps([before, after]).evidence.flatMap(({ part, subject }) =>
    part === 'class' ? subject : [],
  );
  assert.deepEqual(names, ['com.C', 'com.B', 'com.A', 'com.D']);
});

test('what a histogram counts is told by how it was taken', () => {
  const isLive = (how: string) => isLiveHistogram({ kind: 'histogram', how });
  assert.deepEqual(
    ['attach inspectheap -live', 'jcmd 1 GC.class_histogram', 'jmap -histo:live 1'].map(isLive),
    [true, true, true],
  );
  assert.deepEqual(['attach inspectheap -all', 'jcmd 1 GC.class_histogram -all'].map(isLive), [false, false]);
  assert.equal(isLive(''), undefined);
});
