import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ThreadDump } from '../../src/domain/thread-dump.ts';
import { countStates, dumpFile, readOne, readThreads, threadOf } from '../support/dump-files.ts';

/** What of a whole dump can be counted by hand, with a regular expression on the text. */
const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
function statesIn(text: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, state = ''] of text.matchAll(/java\.lang\.Thread\.State: ([A-Z_]+)/g))
    counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
/** The text before its reports of deadlocks, which repeat stacks. */
const threadsOf = (text: string): string => text.split(/^JNI global/m)[0] ?? '';
const framesOf = (dump: ThreadDump): number =>
  dump.threads.reduce((sum, { stack }) => sum + stack.frames.length, 0);
const lockLinesOf = (dump: ThreadDump): number =>
  dump.threads.reduce((sum, { stack }) => sum + stack.lines.length - stack.frames.length, 0);

const HOTSPOT = [
  'jdk8-jstack-l.txt',
  'jdk11-jstack.txt',
  'jdk17-g1-jcmd-l-e.txt',
  'jdk17-parallel-compiled.txt',
  'jdk17-serial-sigquit.log',
  'jdk17-z-jcmd.txt',
  'jdk21-jcmd.txt',
  'jdk25-jcmd-l.txt',
] as const;
for (const name of HOTSPOT) {
  test(`${name}: every thread, state, frame and lock line comes out, and nothing is left unread`, () => {
    const text = dumpFile(name).toString();
    const threads = threadsOf(text);
    const dump = readOne(text);
    const mounted = count(threads, /^ {3}Mounted virtual thread #/gm);
    assert.equal(dump.threads.length, count(threads, /^".*" .*tid=0x/gm) + mounted);
    const { '-': unsaid = 0, ...states } = countStates(
      dump.threads.filter(({ isVirtual }) => isVirtual !== true),
    );
    assert.deepEqual(states, statesIn(threads));
    assert.equal(unsaid, dump.threads.length - mounted - count(threads, /java\.lang\.Thread\.State: /g));
    assert.equal(framesOf(dump), count(threads, /\tat /g));
    assert.equal(lockLinesOf(dump), count(threads, /\t- (?:locked|waiting|parking|eliminated)/g));
    assert.deepEqual([dump.problems, dump.isTruncated, dump.form], [[], false, 'hotspot']);
    assert.match(dump.title ?? '', /^Full thread dump .*\)$/);
    assert.equal(new Date(dump.saidAt ?? 0).toISOString().slice(0, 10), text.match(/^2026-11-\d\d/m)?.[0]);
  });
}

test('what the first lines of threads say is read in every form', () => {
  const eight = threadOf(readOne(dumpFile('jdk8-jstack-l.txt')), 'lena-http-8180-exec-3');
  assert.deepEqual(
    [eight.id, eight.nid, eight.isDaemon, eight.priority, eight.cpuMs, eight.elapsedMs, eight.detail],
    [37, '0x1b43', true, 5, undefined, undefined, 'waiting for monitor entry'],
  );
  const dump = readOne(dumpFile('jdk17-g1-jcmd-l-e.txt'));
  const line =
    dumpFile('jdk17-g1-jcmd-l-e.txt')
      .toString()
      .match(/^"burns".*$/m)?.[0] ?? '';
  const burns = threadOf(dump, 'burns');
  assert.equal(burns.cpuMs, Number(/cpu=([\d.]+)ms/.exec(line)?.[1]));
  assert.equal(burns.elapsedMs, Math.round(Number(/elapsed=([\d.]+)s/.exec(line)?.[1]) * 1_000));
  assert.equal(burns.detail, 'runnable');
  const collector = threadOf(dump, 'GC Thread#0');
  assert.deepEqual([collector.id, collector.isDaemon, collector.state], [undefined, undefined, undefined]);
  assert.deepEqual(collector.stack.frames, []);
  const main = threadOf(readOne(dumpFile('jdk21-jcmd.txt')), 'main');
  assert.deepEqual([main.id, main.nid, main.isDaemon], [1, '28', false]);
  assert.equal(threadOf(readOne(dumpFile('jdk21-jcmd.txt')), 'ForkJoinPool-1-worker-1').nid, '51');
});

test('names keep their quotes, spaces and letters', () => {
  for (const name of ['jdk17-g1-jcmd-l-e.txt', 'jdk17-threadinfo.txt']) {
    const dump = readOne(dumpFile(name));
    assert.equal(threadOf(dump, 'owner "slow" of 10.0.0.1:8080 {a=1}').state, 'TIMED_WAITING', name);
    assert.equal(threadOf(dump, '스레드-한글').state, 'WAITING', name);
  }
});

test('deadlocks that the JVM found are named as it names them', () => {
  for (const name of ['jdk17-g1-jcmd-l-e.txt', 'jdk17-parallel-compiled.txt', 'jdk17-serial-sigquit.log'])
    assert.deepEqual(
      readOne(dumpFile(name)).deadlocks,
      [
        ['deadlock-monitor-1', 'deadlock-monitor-2'],
        ['deadlock-lock-1', 'deadlock-lock-2'],
      ],
      name,
    );
  assert.deepEqual(readOne(dumpFile('jdk8-jstack-l.txt')).deadlocks, [
    ['lena-http-8180-exec-3', 'lena-http-8180-exec-2'],
  ]);
});

test('frames are the same whoever wrote them; equal stacks are one object', () => {
  const frame = 'java.lang.Thread.run(Thread.java:840)';
  for (const name of [
    'jdk17-g1-jcmd-l-e.txt',
    'jdk17-threadinfo.txt',
    'lena-thread-dump.txt',
    'visualvm.txt',
  ])
    assert.ok(
      readOne(dumpFile(name)).threads.some(({ stack }) => stack.frames.at(-1) === frame),
      name,
    );
  const lambda = threadOf(readOne(dumpFile('jdk8-jstack-l.txt')), 'lena-http-8180-exec-1').stack.frames;
  assert.ok(lambda.includes('com.shop.web.ReportServlet$$Lambda$12/1096979270.apply(Unknown Source)'));
  const dump = readOne(dumpFile('jdk17-z-jcmd.txt'));
  const workers = dump.threads.filter(({ name }) => name.startsWith('http-nio-8080-exec-'));
  assert.equal(workers.length, 12);
  assert.equal(new Set(workers.map(({ stack }) => stack)).size, 1);
  assert.deepEqual(workers[0]?.stack.lines.slice(0, 2), [
    `at ${workers[0]?.stack.frames[0] ?? ''}`,
    '- waiting to lock (a java.lang.Object)',
  ]);
});

test('virtual threads: the carrier says whom it carries, and a mounted stack is a thread of its own', () => {
  const carrier = threadOf(readOne(dumpFile('jdk21-jcmd.txt')), 'ForkJoinPool-1-worker-1');
  assert.deepEqual([carrier.state, carrier.detail], [undefined, 'carrying virtual thread #179']);
  const dump = readOne(dumpFile('jdk25-jcmd-l.txt'));
  const virtual = threadOf(dump, 'virtual thread #26');
  assert.deepEqual([virtual.id, virtual.isVirtual, virtual.state], [26, true, 'RUNNABLE']);
  assert.equal(virtual.stack.frames[0], 'com.shop.Prime.isPrime(Prime.java:140)');
  assert.deepEqual(
    virtual.holds.map(({ className }) => className),
    ['com.shop.Prime'],
  );
  const worker = threadOf(dump, 'ForkJoinPool-1-worker-1');
  assert.equal(worker.detail, 'runnable, carrying virtual thread #26');
  assert.equal(worker.stack.frames.length, 4);
  assert.deepEqual(
    worker.holds.map(({ className }) => className),
    ['java.util.concurrent.locks.ReentrantLock$NonfairSync'],
  );
});

test('Thread.dump_to_file of JDK 21 and 25', () => {
  const older = readOne(dumpFile('jdk21-dump-to-file.txt'));
  assert.deepEqual(
    older.threads.map(({ id, name, isVirtual, stack }) => [id, name, isVirtual, stack.frames.length]),
    [
      [1, 'main', false, 3],
      [9, 'Reference Handler', false, 2],
      [22, 'ForkJoinPool-1-worker-1', false, 0],
      [179, '', true, 2],
      [180, 'order "late"', true, 3],
    ],
  );
  assert.equal(older.threads[0]?.stack.frames[2], 'com.shop.Main.main(Main.java:20)');
  assert.equal(older.title, 'Thread.dump_to_file 21.0.5+11-LTS');
  const newer = readOne(dumpFile('jdk25-dump-to-file.txt'));
  assert.deepEqual(countStates(newer.threads), { WAITING: 1, BLOCKED: 1, TIMED_WAITING: 1, NEW: 1 });
  assert.deepEqual([older.problems, newer.problems], [[], []]);
  assert.equal(newer.saidAt, Date.UTC(2026, 10, 20, 3, 12, 45));
});

test('the LENA advertiser’s form, whole and cut', () => {
  const text = dumpFile('lena-thread-dump.txt').toString();
  const dump = readOne(text);
  assert.equal(dump.form, 'lena');
  assert.equal(dump.threads.length, count(text, /^".*" Id=/gm));
  assert.deepEqual(countStates(dump.threads), { TIMED_WAITING: 2, RUNNABLE: 3, WAITING: 1, BLOCKED: 1 });
  assert.deepEqual([dump.problems, dump.isTruncated], [[], false]);
  assert.equal(dump.saidAt, Date.UTC(2026, 10, 20, 3, 12, 45));
  const cut = readOne(text.slice(0, text.indexOf('lena-http-8180-exec-2" Id=32\n') + 40));
  assert.equal(cut.isTruncated, true);
  assert.equal(cut.problems[0]?.code, 'thread-cut');
});

test('what ThreadInfo left out of a stack is counted', () => {
  const text = dumpFile('jdk17-threadinfo.txt').toString();
  const dump = readOne(text);
  assert.equal(dump.threads.length, count(text, /^".*" .*Id=/gm));
  assert.deepEqual(
    dump.problems.map(({ code, count: times }) => [code, times]),
    [['stack-cut', count(text, /^\t\.\.\.$/gm)]],
  );
});

test('three dumps between the lines of a container’s log, each with its own time', () => {
  const dumps = readThreads(dumpFile('k8s-three-dumps.log'));
  assert.deepEqual(
    dumps.map(({ saidAt = 0, threads }) => [new Date(saidAt).toISOString().slice(17, 19), threads.length]),
    [
      ['10', 4],
      ['20', 4],
      ['30', 4],
    ],
  );
  for (const { threads, problems, isTruncated } of dumps) {
    assert.equal(threads[2]?.waitsFor?.id, threads[1]?.holds[0]?.id);
    assert.deepEqual(
      problems.map(({ code, count: times }) => [code, times]),
      [['other-line', 2]],
    );
    assert.equal(isTruncated, false);
  }
  assert.equal(dumps[0]?.threads[1]?.stack, dumps[2]?.threads[1]?.stack, 'one stack in all dumps of a file');
});

test('a dump in a log of JSON lines', () => {
  const dump = readOne(dumpFile('docker-json.log'));
  assert.deepEqual(countStates(dump.threads), { TIMED_WAITING: 1, RUNNABLE: 1, BLOCKED: 1, '-': 1 });
  assert.equal(dump.saidAt, Date.UTC(2026, 10, 20, 3, 12, 10));
  assert.deepEqual(dump.problems, []);
});

test('cut at its start, in the middle of a frame, and mere garbage', () => {
  const start = dumpFile('cut-at-start.txt');
  const headless = readOne(start);
  assert.equal(headless.threads.length, count(threadsOf(start.toString()), /^".*" .*tid=0x/gm));
  assert.deepEqual(
    headless.problems.map(({ code }) => code),
    ['start-missing'],
  );
  const frame = dumpFile('cut-in-frame.txt');
  const cut = readOne(frame);
  assert.equal(cut.threads.length, count(frame.toString(), /^".*" .*tid=0x/gm));
  assert.equal(cut.isTruncated, true);
  assert.deepEqual(
    cut.problems.map(({ code }) => code),
    ['thread-cut', 'truncated'],
  );
  assert.equal(framesOf(cut), count(frame.toString(), /\tat .*\)\n/g));
  const garbage = readOne(dumpFile('garbage.bin'));
  assert.equal(garbage.isTruncated, true);
  assert.ok(garbage.problems.some(({ code }) => code === 'unread-line'));
});
