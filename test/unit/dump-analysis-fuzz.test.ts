import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analyzeDumps, type DumpFindings } from '../../src/diagnosis/dump-analysis/analyze-dumps.ts';
import type { DumpInput } from '../../src/diagnosis/dump-analysis/analyze-server.ts';
import { THREAD_STATES } from '../../src/domain/thread-dump.ts';
import { dumpFile, readWhole } from '../support/dump-files.ts';
import { dump, entry, input, onPage, park, parkedIn, thread, wait } from '../support/dump-threads.ts';

const FRAMES = [
  [],
  [''],
  ['.'],
  ['com.shop.Loop.run'],
  onPage('com.shop.Page.doGet', 'java.lang.Thread.sleep'),
  onPage(
    'com.shop.Page.doGet',
    'java.net.SocketInputStream.socketRead0',
    'org.postgresql.core.PGStream.receive',
  ),
  parkedIn(
    'java.util.concurrent.LinkedBlockingQueue.take',
    'java.util.concurrent.ThreadPoolExecutor.getTask',
  ),
  parkedIn('com.zaxxer.hikari.pool.HikariPool.getConnection', 'com.shop.Dao.find'),
  ['sun.nio.ch.EPoll.wait', 'org.apache.tomcat.util.net.NioEndpoint$Poller.run'],
];
const NAMES = [
  'main',
  'Finalizer',
  'GC Thread#0',
  'http-nio-8080-exec-1',
  'http-nio-8080-exec-2',
  'pool-1-thread-1',
  '',
  '#',
];

const lock = fc.integer({ min: 0, max: 6 }).map((number) => (number < 3 ? `0x${number}` : `sync${number}`));
const waits = fc.oneof(
  lock.map(entry),
  lock.map(wait),
  lock.map((id) => park(id)),
  lock.map((id) => ({ ...park(id, 'java.util.concurrent.CountDownLatch$Sync'), ownerName: 'main' })),
);
/** Hundredths, as JVMs write them. */
const amount = fc.option(
  fc.integer({ min: 0, max: 1_000_000_000 }).map((hundredths) => hundredths / 100),
  { nil: undefined },
);
const oneThread = fc
  .record({
    name: fc.oneof(fc.constantFrom(...NAMES), fc.string()),
    state: fc.constantFrom(...THREAD_STATES),
    frames: fc.constantFrom(...FRAMES),
    waitsFor: fc.option(waits, { nil: undefined }),
    holds: fc.array(lock, { maxLength: 3 }),
    cpuMs: amount,
    elapsedMs: amount,
    id: fc.option(fc.nat(9), { nil: undefined }),
  })
  .map(({ name, ...rest }) => thread(name, rest));
const oneDump = fc
  .record({
    threads: fc.array(oneThread, { maxLength: 25 }),
    saidAt: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
    deadlocks: fc.array(fc.array(fc.constantFrom(...NAMES), { maxLength: 4 }), { maxLength: 2 }),
    isTruncated: fc.boolean(),
  })
  .map(({ threads, ...more }) => dump(threads, more));

/** What whoever shows it relies on. */
function holds(found: DumpFindings): void {
  assert.ok(found.verdict.length >= 1 && found.verdict.length <= 8);
  assert.ok(found.evidence.length <= 2_000);
  for (const { text } of [...found.verdict, ...found.evidence])
    assert.ok(!/undefined|NaN|Infinity/.test(`${text.en}${text.ko}`), text.en);
  assert.doesNotThrow(() => structuredClone(found));
  assert.doesNotThrow(() => JSON.stringify(found.json));
}

test('whatever dumps hold, there is a verdict in words and bounded evidence', () => {
  fc.assert(
    fc.property(fc.array(oneDump, { minLength: 1, maxLength: 4 }), (dumps) => {
      holds(analyzeDumps(dumps.map((each, index) => input(`${index}.txt`, each))));
    }),
    { numRuns: 2_000, seed: 20_261_121 },
  );
});

test('every file of the corpus is analysed, alone and all together', () => {
  const inputs = [
    'cut-at-start.txt',
    'cut-in-frame.txt',
    'docker-json.log',
    'jdk8-jstack-l.txt',
    'jdk11-jstack.txt',
    'jdk17-g1-jcmd-l-e.txt',
    'jdk17-serial-sigquit.log',
    'jdk17-z-jcmd.txt',
    'jdk17-histogram-1.txt',
    'jdk17-histogram-2.txt',
    'jdk21-jcmd.txt',
    'jdk25-dump-to-file.txt',
    'k8s-three-dumps.log',
    'lena-thread-dump.txt',
    'visualvm.txt',
  ].map((name): DumpInput => ({ name, content: readWhole(dumpFile(name)) }));
  for (const each of inputs) holds(analyzeDumps([each]));
  holds(analyzeDumps(inputs));
  const [, whole] = inputs;
  assert.ok(whole !== undefined);
  assert.match(analyzeDumps([whole]).verdict[0]?.text.en ?? '', /"deadlock-monitor-1", "deadlock-monitor-2"/);
});

test('nothing at all is told as what it is', () => {
  const [line] = analyzeDumps([input('empty.txt', dump([]))]).verdict;
  assert.equal(line?.code, 'incomplete');
  assert.deepEqual(analyzeDumps([]).verdict, []);
});
