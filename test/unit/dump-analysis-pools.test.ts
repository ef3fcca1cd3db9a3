import assert from 'node:assert/strict';
import { test } from 'node:test';
import { methodOf } from '../../src/diagnosis/dump-analysis/frame.ts';
import { isLibraryCode } from '../../src/diagnosis/dump-analysis/library-packages.ts';
import { isRequestPool, poolNameOf } from '../../src/diagnosis/dump-analysis/thread-names.ts';
import {
  analyze,
  dump,
  entry,
  IDLE,
  onPage,
  parkedIn,
  SLEEPING,
  said,
  shown,
  thread,
  workers,
} from '../support/dump-threads.ts';

test('threads of a pool share a name but for their own number', () => {
  const pools = {
    'http-nio-8080-exec-12': 'http-nio-8080-exec-#',
    'lena-http-8180-exec-3': 'lena-http-8180-exec-#',
    'http-nio-8080-Poller': 'http-nio-8080-Poller',
    'pool-3-thread-1': 'pool-3-thread-#',
    'qtp1234567-45': 'qtp1234567-#',
    'GC Thread#0': 'GC Thread#',
    'ForkJoinPool.commonPool-worker-7': 'ForkJoinPool.commonPool-worker-#',
    "[STUCK] ExecuteThread: '12' for queue: 'weblogic.kernel.Default (self-tuning)'":
      "ExecuteThread: '#' for queue: 'weblogic.kernel.Default (self-tuning)'",
    main: 'main',
  };
  for (const [name, pool] of Object.entries(pools)) assert.equal(poolNameOf(name), pool);
  for (const name of ['lena-ajp-8109-exec-1', 'https-jsse-nio-8443-exec-9', 'qtp99-1', 'XNIO-1 task-4'])
    assert.ok(isRequestPool(poolNameOf(name)), name);
  for (const name of ['http-nio-8080-Acceptor-0', 'pool-1-thread-1', 'main', 'HikariPool-1 housekeeper'])
    assert.ok(!isRequestPool(poolNameOf(name)), name);
});

test('a method is read off frames of any JVM; pages and lambdas are the application’s', () => {
  assert.equal(methodOf('com.shop.Cart.add(Cart.java:42)'), 'com.shop.Cart.add');
  assert.equal(methodOf('java.base@17.0.15/java.lang.Object.wait(Native Method)'), 'java.lang.Object.wait');
  assert.equal(methodOf('app//com.shop.Cart.add(Cart.java:42)'), 'com.shop.Cart.add');
  assert.equal(methodOf('Jam$$Lambda$222/0x00007f64e0148448.run(Unknown Source)'), 'Jam$$Lambda.run');
  for (const method of ['org.apache.jsp.slow_jsp._jspService', 'com.shop.Cart.add', 'Jam$$Lambda.run'])
    assert.ok(!isLibraryCode(method), method);
  for (const method of [
    'org.apache.jasper.servlet.JspServlet.service',
    'jdk.proxy2.$Proxy9.get',
    'oracle.jdbc.X.read',
  ])
    assert.ok(isLibraryCode(method), method);
});

test('a server that does nothing is told to be well in one line', () => {
  const found = analyze(dump([thread('main', { frames: ['sun.nio.ch.Net.accept'] }), ...workers(10, IDLE)]));
  assert.deepEqual(said(found), [
    'healthy ok: nothing stands out: 11 threads, 0 of 10 workers of http-nio-8080-exec busy, none is blocked',
  ]);
});

test('a pool without an idle worker is named with what most of them do', () => {
  const threads = [...workers(18, SLEEPING), ...workers(2, { frames: onPage('com.shop.Fast.doGet') }, 19)];
  const found = analyze(dump(threads));
  assert.deepEqual(said(found), [
    'pool-exhausted error: no worker of http-nio-8080-exec is idle: 20 of 20 are busy, 18 of them in com.shop.SlowPage.doGet, sleeping',
  ]);
  const [pool] = found.json.threads?.pools ?? [];
  assert.deepEqual([pool?.size, pool?.busy, pool?.servesRequests], [20, 20, true]);
  assert.match(
    shown(found.evidence[0])[0]?.title ?? '',
    /^18 threads, sleeping: com\.shop\.SlowPage\.doGet$/,
  );
});

test('one idle worker is enough for a small pool, and too few for a large one', () => {
  const codes = (busy: number, idle: number) =>
    analyze(dump([...workers(busy, SLEEPING), ...workers(idle, IDLE, busy + 1)])).verdict.map(
      ({ code }) => code,
    );
  assert.deepEqual(codes(9, 1), ['healthy']);
  assert.deepEqual(codes(190, 10), ['pool-nearly-exhausted']);
  assert.deepEqual(codes(170, 30), ['healthy']);
  assert.deepEqual(codes(2, 0), ['healthy']);
});

test('a worker that waits on a kept-open connection for the next request is idle', () => {
  const frames = [
    'java.net.SocketInputStream.socketRead0',
    'java.net.SocketInputStream.read',
    'org.apache.coyote.http11.InternalInputBuffer.fill',
    'org.apache.coyote.http11.InternalInputBuffer.parseRequestLine',
    'org.apache.coyote.http11.AbstractHttp11Processor.process',
    'java.lang.Thread.run',
  ];
  const threads = Array.from({ length: 8 }, (_none, index) =>
    thread(`http-bio-8080-exec-${index}`, { frames }),
  );
  assert.equal(analyze(dump(threads)).verdict[0]?.code, 'healthy');
});

test('an empty database pool is told with who uses the connections', () => {
  const waiting = {
    state: 'TIMED_WAITING',
    frames: onPage(
      'com.shop.Dao.find',
      ...parkedIn(
        'java.util.concurrent.SynchronousQueue.poll',
        'com.zaxxer.hikari.util.ConcurrentBag.borrow',
        'com.zaxxer.hikari.pool.HikariPool.getConnection',
      ),
    ),
  } as const;
  const querying = {
    frames: onPage(
      'com.shop.Dao.report',
      'sun.nio.ch.SocketDispatcher.read0',
      'sun.nio.ch.NioSocketImpl.read',
      'org.postgresql.core.PGStream.receiveChar',
    ),
  };
  const found = analyze(dump([...workers(6, waiting), ...workers(2, querying, 7), ...workers(4, IDLE, 9)]));
  assert.deepEqual(said(found), [
    'db-pool-empty error: the database pool is empty: 6 threads wait for a connection; 2 are in a database call',
  ]);
  assert.ok(shown(found.evidence[0]).some(({ title }) => title.includes('com.shop.Dao.report')));
});

test('logging, class loading and finalizing are named where they hold up', () => {
  const logging = {
    state: 'BLOCKED',
    waitsFor: entry('0xlog'),
    frames: onPage('com.shop.Page.doGet', 'org.apache.log4j.Category.callAppenders'),
  } as const;
  const writer = thread('http-nio-8080-exec-99', {
    holds: ['0xlog'],
    frames: onPage(
      'com.shop.Page.doGet',
      'java.io.FileOutputStream.writeBytes',
      'org.apache.log4j.WriterAppender.subAppend',
    ),
  });
  const [line] = analyze(dump([writer, ...workers(3, logging), ...workers(9, IDLE, 4)])).verdict;
  assert.equal(line?.code, 'root-blocker');
  assert.match(line?.next?.en ?? '', /Logging holds them up/);
  const finalizer = thread('Finalizer', {
    frames: ['com.shop.Handle.finalize', 'java.lang.ref.Finalizer.run'],
  });
  assert.match(
    analyze(dump([finalizer])).verdict[0]?.text.en ?? '',
    /Finalizer is running in com\.shop\.Handle\.finalize/,
  );
});

test('pools of one thread made again and again look like a leak', () => {
  const threads = Array.from({ length: 25 }, (_none, index) => thread(`pool-${index + 1}-thread-1`, IDLE));
  assert.match(
    said(analyze(dump(threads)))[0] ?? '',
    /^thread-leak warn: 25 pools are named pool-#-thread-#, with 25 threads, 25 of them idle/,
  );
  assert.equal(analyze(dump(threads.slice(0, 10))).verdict[0]?.code, 'healthy');
});

test('a thread in a native read burns nothing, whatever the JVM calls it', () => {
  const reading = thread('reader', {
    frames: ['sun.nio.ch.SocketDispatcher.read0', 'com.shop.Reader.run'],
    cpuMs: 60_000,
    elapsedMs: 61_000,
  });
  const burning = thread('burner', { frames: ['com.shop.Loop.run'], cpuMs: 9_500, elapsedMs: 10_000 });
  assert.deepEqual(said(analyze(dump([reading, burning]))), [
    'busy-thread error: "burner" burns CPU in com.shop.Loop.run: 9.5 s, 95 % of a core since it began 10 s ago',
  ]);
});

test('a loop that gets a tenth of a core is told beside what started the JVM, not beside others as busy', () => {
  const main = thread('main', { frames: ['sun.nio.ch.Net.accept'], cpuMs: 9_000, elapsedMs: 14_000 });
  const compiler = thread('C2 CompilerThread0', { frames: [], cpuMs: 8_000, elapsedMs: 14_000 });
  const burner = (cpuMs: number) =>
    thread('burner', { frames: ['com.shop.Loop.run'], cpuMs, elapsedMs: 10_000 });
  assert.deepEqual(said(analyze(dump([main, compiler, burner(1_500)]))), [
    'busy-thread warn: "burner" burns CPU in com.shop.Loop.run: 1.5 s, 15 % of a core since it began 10 s ago',
  ]);
  // Less than a tenth of a core is no loop; nor is what others of its pool, or others that run, use as well.
  const longer = thread('burner', { frames: ['com.shop.Loop.run'], cpuMs: 1_500, elapsedMs: 16_000 });
  assert.equal(analyze(dump([main, compiler, longer])).verdict[0]?.code, 'healthy');
  const steady = { frames: onPage('com.shop.Cart.doGet'), cpuMs: 1_500, elapsedMs: 10_000 };
  const resting = { ...IDLE, cpuMs: 1_400, elapsedMs: 10_000 };
  const pool = [...workers(1, steady), ...workers(5, resting, 2)];
  assert.equal(analyze(dump([main, compiler, ...pool])).verdict[0]?.code, 'healthy');
});

test('a burning worker is told from its pool, however long it has lived', () => {
  const quiet = { ...IDLE, cpuMs: 40, elapsedMs: 900_000 };
  const burning = { frames: onPage('com.shop.Loop.doGet'), cpuMs: 108_000, elapsedMs: 900_000 };
  const main = thread('main', { frames: ['sun.nio.ch.Net.accept'], cpuMs: 20_000, elapsedMs: 900_000 });
  const found = analyze(dump([main, ...workers(9, quiet), ...workers(1, burning, 10)]));
  assert.match(
    said(found)[0] ?? '',
    /^busy-thread warn: "http-nio-8080-exec-10" burns CPU in com\.shop\.Loop\.doGet: 1 min 48 s, 12 % of a core/,
  );
});

test('more CPU than its pool is no warning where it is a hundredth of a core', () => {
  const quiet = { ...IDLE, cpuMs: 40, elapsedMs: 496_000 };
  const working = { frames: onPage('org.apache.jsp.burn_jsp._jspService'), cpuMs: 3_100, elapsedMs: 496_000 };
  const found = analyze(dump([...workers(9, quiet), ...workers(1, working, 10)]));
  assert.deepEqual(
    found.verdict.map(({ code, level }) => [code, level]),
    [
      ['healthy', 'ok'],
      ['most-cpu', 'ok'],
    ],
  );
  assert.match(
    found.verdict[1]?.text.en ?? '',
    /exec-10" runs in .* used 3\.1 s of CPU since it began 8 min 16 s ago \(1 % of a core\)/,
  );
  assert.match(found.verdict[1]?.next?.en ?? '', /Take a series/);
});
