import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withLocks } from '../../src/diagnosis/dump-analysis/written-stack.ts';
import type { DumpThread } from '../../src/domain/thread-dump.ts';
import { dumpFile, readOne, threadOf } from '../support/dump-files.ts';

const HEAD = 'Full thread dump OpenJDK 64-Bit Server VM (17.0.9+9 mixed mode):\n\n';
const END = '\nJNI global refs: 1, weak refs: 0\n';

/** Waits and holds of one thread whose lines stand behind its first. */
function threadWith(state: string, lines: string): DumpThread {
  const text = `${HEAD}"t" #1 prio=5 tid=0x01 nid=0x1 runnable [0x00]\n   java.lang.Thread.State: ${state}\n${lines}\n${END}`;
  const dump = readOne(text);
  assert.deepEqual(dump.problems, []);
  return threadOf(dump, 't');
}
const heldBy = (thread: DumpThread): readonly string[] => thread.holds.map(({ id }) => id);

test('a monitor waited on in Object.wait is not held, whatever JVM says so', () => {
  const waiting = threadWith(
    'WAITING (on object monitor)',
    '\tat java.lang.Object.wait(Native Method)\n\t- waiting on <0x0a> (a x.Bell)\n\tat x.A.b(A.java:1)\n\t- locked <0x0a> (a x.Bell)\n\tat x.A.c(A.java:2)\n\t- locked <0x0b> (a x.Outer)\n',
  );
  assert.deepEqual(waiting.waitsFor, { id: '0x0a', className: 'x.Bell', kind: 'wait', ownerName: undefined });
  assert.deepEqual(heldBy(waiting), ['0x0b']);
  const eleven = readOne(dumpFile('jdk11-jstack.txt'));
  const main = threadOf(eleven, 'main');
  assert.deepEqual([main.waitsFor?.kind, main.waitsFor?.id], ['wait', '0x00000000f0a00010']);
  assert.deepEqual(heldBy(main), ['0x00000000f0a00040']);
});

test('a thread that was notified queues for its monitor again', () => {
  const pool = threadOf(readOne(dumpFile('jdk11-jstack.txt')), 'OkHttp ConnectionPool');
  assert.deepEqual(
    [pool.waitsFor?.kind, pool.waitsFor?.id, heldBy(pool)],
    ['entry', '0x00000000f0a00010', []],
  );
});

test('compiled frames do not name the object of wait(): it is the monitor taken last', () => {
  const dump = readOne(dumpFile('jdk17-parallel-compiled.txt'));
  for (const name of ['waits-in-object', 'waits-in-object-for-long', 'joins']) {
    const thread = threadOf(dump, name);
    assert.match(thread.stack.lines.join('\n'), /- waiting on\n/, name);
    assert.deepEqual([thread.waitsFor?.kind, heldBy(thread)], ['wait', []], name);
    assert.match(thread.waitsFor?.id ?? '', /^0x/, name);
  }
  const alone = threadWith(
    'WAITING (on object monitor)',
    '\tat x.A.b(A.java:1)\n\t- waiting on <no object reference available>\n',
  );
  assert.equal(alone.waitsFor, undefined);
});

test('monitors, synchronizers and classes: who waits and who holds', () => {
  const dump = readOne(dumpFile('jdk17-g1-jcmd-l-e.txt'));
  const owner = threadOf(dump, 'owner "slow" of 10.0.0.1:8080 {a=1}');
  const worker = threadOf(dump, 'http-nio-8080-exec-7');
  assert.equal(worker.waitsFor?.kind, 'entry');
  assert.deepEqual(heldBy(owner), [worker.waitsFor?.id]);
  const reader = threadOf(dump, 'wants-read-lock');
  const writer = threadOf(dump, 'holds-write-lock');
  assert.equal(reader.waitsFor?.kind, 'park');
  assert.deepEqual(heldBy(writer), [reader.waitsFor?.id]);
  assert.equal(writer.holds[0]?.className, 'java.util.concurrent.locks.ReentrantReadWriteLock$NonfairSync');
  const [one, two] = [threadOf(dump, 'deadlock-lock-1'), threadOf(dump, 'deadlock-lock-2')];
  assert.deepEqual([heldBy(one), heldBy(two)], [[two.waitsFor?.id], [one.waitsFor?.id]]);
  const deep = threadOf(dump, 'deep');
  assert.deepEqual(
    deep.holds.map(({ className }) => className),
    ['int[]'],
    'taken twice, held once',
  );
});

test('whoever initializes a class holds it against those that wait for it', () => {
  const dump = readOne(dumpFile('jdk17-g1-jcmd-l-e.txt'));
  const waiting = threadOf(dump, 'waits-for-class');
  assert.deepEqual(waiting.waitsFor, {
    id: 'initializer of DumpScenes$LongInit',
    className: 'DumpScenes$LongInit',
    kind: 'entry',
    ownerName: undefined,
  });
  assert.deepEqual(heldBy(threadOf(dump, 'initializes-class')), [waiting.waitsFor.id]);
});

test('locks of one class’s object, eliminated ones, and a line break HotSpot 8 forgets', () => {
  const dump = readOne(dumpFile('jdk8-jstack-l.txt'));
  const blocked = threadOf(dump, 'lena-http-8180-exec-3');
  assert.equal(blocked.waitsFor?.className, 'java.lang.Class for com.shop.order.OrderDao');
  const reader = threadOf(dump, 'lena-http-8180-exec-1');
  assert.deepEqual(
    reader.holds.map(({ className }) => className),
    ['oracle.jdbc.driver.T4CConnection', 'java.util.concurrent.ThreadPoolExecutor$Worker'],
  );
  assert.ok(reader.stack.frames.includes('javax.servlet.http.HttpServlet.service(HttpServlet.java:635)'));
});

test('LENA and ThreadInfo name the owner; a parked thread parks', () => {
  const dump = readOne(dumpFile('lena-thread-dump.txt'));
  const blocked = threadOf(dump, 'lena-http-8180-exec-1');
  assert.deepEqual(blocked.waitsFor, {
    id: 'com.shop.Cart@1b2c3d4',
    className: 'com.shop.Cart',
    kind: 'entry',
    ownerName: 'lena-http-8180-exec-2',
  });
  const owner = threadOf(dump, 'lena-http-8180-exec-2');
  assert.deepEqual(heldBy(owner), [
    'com.shop.Cart@1b2c3d4',
    'java.util.concurrent.ThreadPoolExecutor$Worker@6f2a10',
  ]);
  assert.equal(owner.detail, '(in native)');
  assert.equal(threadOf(dump, 'process reaper').waitsFor?.kind, 'park');
  assert.equal(threadOf(dump, 'Finalizer').waitsFor?.kind, 'wait');
  const info = readOne(dumpFile('jdk17-threadinfo.txt'));
  const lock = threadOf(info, 'deadlock-lock-1');
  assert.deepEqual([lock.waitsFor?.kind, lock.waitsFor?.ownerName], ['park', 'deadlock-lock-2']);
  assert.deepEqual(heldBy(threadOf(info, 'deadlock-lock-2')), [lock.waitsFor?.id]);
});

test('owners that are told by their number are named', () => {
  const dump = readOne(dumpFile('jdk25-dump-to-file.txt'));
  assert.deepEqual(threadOf(dump, 'main').waitsFor, {
    id: 'java.util.concurrent.locks.ReentrantLock$NonfairSync@5e8f9a3b',
    className: 'java.util.concurrent.locks.ReentrantLock$NonfairSync',
    kind: 'park',
    ownerName: 'order-1',
  });
  assert.deepEqual(heldBy(threadOf(dump, 'order-2')), [threadOf(dump, 'order-1').waitsFor?.id]);
  const visual = readOne(dumpFile('visualvm.txt'));
  const blocked = threadOf(visual, 'http-nio-8080-exec-2');
  assert.equal(blocked.waitsFor?.ownerName, 'http-nio-8080-exec-1');
  assert.deepEqual(heldBy(threadOf(visual, 'http-nio-8080-exec-1')), [blocked.waitsFor.id]);
  assert.deepEqual([visual.problems, visual.isTruncated], [[], false]);
});

test('a deadlock’s report goes on through raw monitors, JNI and owners nobody knows', () => {
  const text = `${HEAD}"t" #1 prio=5 tid=0x01 nid=0x1 runnable [0x00]\n${END}
Found one Java-level deadlock:
=============================
"a "quoted" name":
  waiting to lock monitor 0x01 (JVMTI raw monitor),
  which is held by "b"
"b":
  waiting to lock monitor 0x02 (object 0x0b, a x.B),
  in JNI, which is held by UNKNOWN_owner_addr=0x00ff

Java stack information for the threads listed above:
===================================================
"a "quoted" name":
	at x.A.b(A.java:1)
"b":
	at x.B.c(B.java:1)

Found 1 deadlock.

"not a thread": the program's own words
`;
  const dump = readOne(text);
  assert.deepEqual(dump.deadlocks, [['a "quoted" name', 'b']]);
  assert.deepEqual([dump.threads.length, dump.problems], [1, []]);
});

test('a stack is shown with its locks as the JVM wrote them, whatever form it has', () => {
  const written = [
    'at java.lang.Object.wait(Native Method)',
    '- waiting on <no object reference available>',
    'at x.A.b(A.java:1)',
    '- locked <0x0a> (a x.Bell)',
    '- locked <0x0b> (a x.Bell)',
    'at x.A.c(A.java:2)',
  ];
  const thread = threadWith('WAITING (on object monitor)', written.map((line) => `\t${line}`).join('\n'));
  assert.deepEqual(withLocks(thread), [...written.slice(0, 1), '- waiting on', ...written.slice(2)]);
  const dump = readOne(dumpFile('jdk17-g1-jcmd-l-e.txt'));
  const file = dumpFile('jdk17-g1-jcmd-l-e.txt').toString();
  const lines = dump.threads.flatMap((each) => withLocks(each)).filter((line) => line.includes('<0x'));
  assert.ok(lines.length > 20, `${lines.length}`);
  assert.deepEqual(
    // Names of arrays are Java's.
    lines.filter((line) => !line.endsWith('[])') && !file.includes(line)),
    [],
  );
});

test('of locks of threads that stand together only the one they share is named', () => {
  const stands = (lock: string) =>
    threadWith(
      'BLOCKED (on object monitor)',
      `\tat x.A.b(A.java:1)\n\t- waiting to lock <0x0c> (a x.Bell)\n\tat x.A.c(A.java:2)\n\t- locked <${lock}> (a x.Own)`,
    );
  assert.deepEqual(withLocks(stands('0x01'), [stands('0x02')]), [
    'at x.A.b(A.java:1)',
    '- waiting to lock <0x0c> (a x.Bell)',
    'at x.A.c(A.java:2)',
    '- locked (a x.Own)',
  ]);
});
