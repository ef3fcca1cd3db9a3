import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deriveServiceDump } from '../../src/diagnosis/service-dump/derive.ts';
import type { DumpThread, ThreadDump } from '../../src/domain/thread-dump.ts';

const SERVED = ['org.apache.catalina.core.StandardWrapperValve.invoke(StandardWrapperValve.java:165)'];
const threadOf = (name: string, frames: readonly string[], more: Partial<DumpThread> = {}): DumpThread => ({
  name,
  state: 'RUNNABLE',
  stack: { frames, lines: frames },
  holds: [],
  ...more,
});
const dumpOf = (threads: readonly DumpThread[]): ThreadDump => ({
  form: 'hotspot',
  threads,
  deadlocks: [],
  isTruncated: false,
  problems: [],
});
const CART = 'com.shop.Cart.add(Cart.java:42)';
const IDLE = ['org.apache.tomcat.util.threads.ThreadPoolExecutor.getTask(ThreadPoolExecutor.java:913)'];

describe('a service dump derived from a thread dump', () => {
  const threads = [
    threadOf('exec-10', ['java.lang.Object.wait(Native Method)', CART, ...SERVED], {
      state: 'BLOCKED',
      cpuMs: 12.6,
      waitsFor: { id: '0x0000000000000a10', className: 'com.shop.Stock', kind: 'entry' },
    }),
    threadOf('exec-2', [CART, ...SERVED], { holds: [{ id: '0x0000000000000a10' }] }),
    threadOf('exec-3', IDLE, { state: 'WAITING' }),
    threadOf('exec-4', [
      'org.apache.catalina.manager.JMXProxyServlet.doGet(JMXProxyServlet.java:9)',
      ...SERVED,
    ]),
    threadOf('main', ['com.shop.Main.main(Main.java:1)']),
  ];
  test('is the threads that serve a request, without the one that asks', () => {
    const dump = deriveServiceDump(dumpOf(threads), { server: 'shop', at: 7 });
    assert.deepEqual(dump.requests, [
      {
        thread: 'exec-2',
        state: 'RUNNABLE',
        cpuMs: undefined,
        service: undefined,
        frame: CART,
        lock: undefined,
      },
      {
        thread: 'exec-10',
        state: 'BLOCKED',
        cpuMs: 13,
        service: undefined,
        frame: CART,
        lock: 'com.shop.Stock 0x0000000000000a10 held by "exec-2"',
      },
    ]);
    assert.equal(dump.from, 'thread-dump');
    assert.deepEqual(dump.missing, ['elapsedMs', 'service', 'sql', 'client', 'txid']);
  });
  test('joins what was told by the worker, longest first, without what has ended meanwhile', () => {
    const dump = deriveServiceDump(dumpOf(threads), {
      server: 'shop',
      at: 7,
      told: {
        from: 'agent',
        missing: ['sql', 'txid'],
        requests: [
          { thread: 'exec-2', elapsedMs: 30, service: 'GET /cart' },
          { thread: 'exec-3', elapsedMs: 4_000, service: 'GET /ended' },
          { thread: 'exec-10', elapsedMs: 90_000, service: 'POST /buy', client: '10.0.0.9' },
          { thread: 'exec-77', elapsedMs: 1, service: 'GET /unseen' },
        ],
      },
    });
    assert.deepEqual(
      dump.requests.map(({ thread, service, frame }) => [thread, service, frame]),
      [
        ['exec-10', 'POST /buy', CART],
        ['exec-2', 'GET /cart', CART],
        ['exec-77', 'GET /unseen', undefined],
      ],
    );
    assert.equal(dump.from, 'agent');
    assert.deepEqual(dump.missing, ['sql', 'txid']);
  });
  test('says that a JVM without cpu= in its dump tells no CPU', () => {
    const bare = threads.map(({ cpuMs: _, ...thread }) => thread);
    const dump = deriveServiceDump(dumpOf(bare), { server: 'shop', at: 7 });
    assert.ok(dump.missing.includes('cpuMs'));
  });
  test('names no owner where a thread waits on what it has let go', () => {
    const waiting = threadOf('exec-1', [CART, ...SERVED], {
      state: 'WAITING',
      holds: [{ id: '0x0000000000000b20' }],
      waitsFor: { id: '0x0000000000000b20', kind: 'wait' },
    });
    const blocked = threadOf('exec-2', [CART, ...SERVED], {
      state: 'BLOCKED',
      waitsFor: { id: '0x0000000000000b20', className: 'com.shop.Stock', kind: 'entry' },
    });
    const dump = deriveServiceDump(dumpOf([waiting, blocked]), { server: 'shop', at: 7 });
    assert.deepEqual(
      dump.requests.map(({ lock }) => lock),
      [undefined, 'com.shop.Stock 0x0000000000000b20'],
    );
  });
});
