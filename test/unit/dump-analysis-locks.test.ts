import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inLanguage } from '../../src/domain/text.ts';
import { analyze, dump, entry, onPage, park, said, shown, thread, wait } from '../support/dump-threads.ts';

const blocked = (lock: string, ...holds: readonly string[]) =>
  ({ state: 'BLOCKED', waitsFor: entry(lock), holds }) as const;
const parked = (lock: string, ...holds: readonly string[]) =>
  ({ state: 'WAITING', waitsFor: park(lock), holds }) as const;

test('a deadlock on monitors is named with its threads, its locks and who waits behind it', () => {
  const threads = [
    thread('left', blocked('0xb', '0xa')),
    thread('right', blocked('0xa', '0xb')),
    thread('behind', blocked('0xa', '0xc')),
    thread('far behind', blocked('0xc')),
    thread('elsewhere'),
  ];
  const found = analyze(dump(threads, { deadlocks: [['right', 'left']] }));
  assert.deepEqual(said(found), [
    'deadlock error: deadlock of 2 threads on monitors: "left", "right"; 2 more wait behind them',
  ]);
  const [deadlock] = found.json.threads?.deadlocks ?? [];
  assert.deepEqual(deadlock?.threads, ['left', 'right']);
  assert.deepEqual(
    deadlock?.locks.map(({ id }) => id),
    ['0xb', '0xa'],
  );
  assert.equal(deadlock?.isSaidByJvm, true);
  const [chain, ...stacks] = shown(found.evidence[0]);
  assert.match(chain?.title ?? '', /the JVM reports it too/);
  assert.deepEqual(chain?.lines.slice(0, 2), [
    '"left" waits for 0xb (java.lang.Object), held by "right"',
    '"right" waits for 0xa (java.lang.Object), held by "left"',
  ]);
  assert.equal(stacks.filter(({ title }) => /^"(left|right)"/.test(title)).length, 2);
});

test('a ring over a monitor and a ReentrantLock is found although the JVM does not say it', () => {
  const threads = [thread('a', blocked('0xm', 'sync1')), thread('b', parked('sync1', '0xm'))];
  const [line] = analyze(dump(threads)).verdict;
  assert.match(line?.text.en ?? '', /2 threads on monitors and java\.util\.concurrent locks: "a", "b"/);
});

test('a deadlock only the JVM tells is told too', () => {
  const threads = [thread('a', { state: 'WAITING' }), thread('b', { state: 'WAITING' })];
  const found = analyze(dump(threads, { deadlocks: [['a', 'b']] }));
  assert.match(found.verdict[0]?.text.en ?? '', /deadlock of 2 threads as the JVM says: "a", "b"/);
});

test('the root of a chain of locks is who waits for none itself, with all it holds up', () => {
  const threads = [
    thread('root', {
      holds: ['0x1'],
      frames: onPage(
        'com.shop.Stock.read',
        'sun.nio.ch.SocketDispatcher.read0',
        'sun.nio.ch.NioSocketImpl.read',
      ),
    }),
    thread('second', blocked('0x1', 'sync2')),
    ...['third', 'fourth', 'fifth', 'sixth'].map((name) => thread(name, parked('sync2'))),
  ];
  const found = analyze(dump(threads));
  assert.deepEqual(said(found), [
    'root-blocker error: "root" holds up 5 threads (1 directly, 4 behind them): it holds 0x1 (java.lang.Object) and is reading from a socket in com.shop.Stock.read',
  ]);
  assert.deepEqual(found.json.threads?.blockers, [
    {
      thread: 'root',
      locks: [{ id: '0x1', className: 'java.lang.Object' }],
      direct: 1,
      total: 5,
      doing: 'read',
      place: 'com.shop.Stock.read',
    },
  ]);
});

test('Object.wait holds nobody up: the monitor it lists is given away while it waits', () => {
  const threads = [
    thread('consumer', { state: 'WAITING', waitsFor: wait('0xq'), holds: ['0xq'] }),
    thread('second consumer', { state: 'WAITING', waitsFor: wait('0xq'), holds: ['0xq'] }),
    thread('producer', blocked('0xq')),
  ];
  const found = analyze(dump(threads));
  assert.deepEqual(
    found.verdict.map(({ code }) => code),
    ['owner-not-in-dump'],
  );
  assert.deepEqual(found.json.threads?.blockers, []);
});

test('a lock whose owner is not in the dump is told with why that may be', () => {
  const readWrite = park('0xrw', 'java.util.concurrent.locks.ReentrantReadWriteLock$FairSync');
  const found = analyze(dump([thread('writer', { state: 'WAITING', waitsFor: readWrite })]));
  assert.match(found.verdict[0]?.text.en ?? '', /^1 thread waits for 0xrw .*readers may hold it/);
  const cut = analyze(dump([thread('late', blocked('0x9'))], { isTruncated: true }));
  assert.match(cut.verdict[0]?.text.en ?? '', /the dump is cut short/);
  const named = { ...entry('0x9'), ownerName: 'ended' };
  const lena = analyze(dump([thread('late', { state: 'BLOCKED', waitsFor: named })]));
  assert.match(lena.verdict[0]?.text.en ?? '', /"ended" is named and not there/);
});

test('an owner a dump only names is found by its name', () => {
  const named = { kind: 'park', id: 'lock@1', className: 'com.shop.Gate', ownerName: 'owner' } as const;
  const found = analyze(
    dump([
      thread('owner'),
      thread('late', { state: 'WAITING', waitsFor: named, frames: ['com.shop.Gate.pass'] }),
    ]),
  );
  assert.equal(found.json.threads?.blockers[0]?.thread, 'owner');
});

test('latches, semaphores and conditions block nobody', () => {
  const threads = [
    'java.util.concurrent.CountDownLatch$Sync',
    'java.util.concurrent.Semaphore$NonfairSync',
  ].map((className, index) =>
    thread(`w${index}`, { state: 'WAITING', waitsFor: park(`0x${index}`, className) }),
  );
  assert.deepEqual(
    analyze(dump(threads)).verdict.map(({ code }) => code),
    ['healthy'],
  );
});

test('rings are found exactly where walking from a thread leads back to it', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(29)), { minLength: 30, maxLength: 30 }), (waitsFor) => {
      // Thread i holds lock i and waits for the lock of the thread drawn for it.
      const threads = waitsFor.map((owner, index) =>
        thread(`t${index}`, owner === null ? { holds: [`0x${index}`] } : blocked(`0x${owner}`, `0x${index}`)),
      );
      const inRing = (start: number): boolean => {
        let current = waitsFor[start] ?? undefined;
        for (let steps = 0; steps < 30 && current !== undefined; steps++) {
          if (current === start) return waitsFor[start] !== start;
          current = waitsFor[current] ?? undefined;
        }
        return false;
      };
      const expected = waitsFor.flatMap((_owner, index) => (inRing(index) ? [`t${index}`] : [])).sort();
      const found =
        analyze(dump(threads)).json.threads?.deadlocks.flatMap(({ threads: names }) => names) ?? [];
      assert.deepEqual([...found].sort(), expected);
    }),
    { numRuns: 300, seed: 20_261_121 },
  );
});

test('the JVM’s own report names owners where the dump lists none', () => {
  const threads = [thread('a', parked('sync1')), thread('b', parked('sync2')), thread('c', parked('sync2'))];
  const found = analyze(dump(threads, { deadlocks: [['a', 'b']] }));
  assert.deepEqual(said(found), [
    'deadlock error: deadlock of 2 threads on java.util.concurrent locks: "a", "b"; 1 more waits behind them',
  ]);
});

test('a dump without owners of synchronizers says so once', () => {
  const threads = ['sync1', 'sync2', 'sync2'].map((lock, index) => thread(`w${index}`, parked(lock)));
  assert.deepEqual(said(analyze(dump(threads))), [
    'owner-not-in-dump warn: 3 threads wait for 2 java.util.concurrent locks whose owners this dump does not tell',
  ]);
});

test('one thread behind a lock somebody runs under is everyday, behind one held over a wait it is not', () => {
  const level = (frames: readonly string[]) => {
    const { verdict } = analyze(
      dump([thread('holder', { holds: ['0xa'], frames }), thread('late', blocked('0xa'))]),
    );
    return verdict.map(({ code, level: judged }) => `${code} ${judged}`);
  };
  assert.deepEqual(level(['com.shop.Price.of']), ['healthy ok', 'root-blocker ok']);
  assert.deepEqual(level(['java.net.SocketInputStream.socketRead0', 'com.shop.Price.of']), [
    'root-blocker warn',
  ]);
});

test('a thread behind the static initialiser of a class is told with who runs it', () => {
  const lock = { kind: 'entry', id: 'initializer of com.shop.Config', className: 'com.shop.Config' } as const;
  const waiting = thread('late', { state: 'RUNNABLE', waitsFor: lock });
  const lines = [
    '\tat com.shop.Shop.open(Shop.java:1)',
    '\t- waiting on the Class initialization monitor for com.shop.Config',
  ];
  const late = { ...waiting, stack: { ...waiting.stack, lines } };
  const holder = {
    ...thread('early', { frames: ['java.net.SocketInputStream.socketRead0', 'com.shop.Config.<clinit>'] }),
    holds: [{ id: lock.id }],
  };
  const known = analyze(dump([holder, late])).verdict;
  assert.deepEqual(
    known.map(({ code }) => code),
    ['root-blocker'],
  );
  assert.match(known[0]?.next?.en ?? '', /static initialiser/);
  assert.ok(analyze(dump([late])).verdict.some(({ code }) => code === 'class-initialisation'));
});

test('who waits behind a lock without an owner is counted with it', () => {
  const threads = [
    thread('first', blocked('0x9', '0x1')),
    ...Array.from({ length: 6 }, (_none, index) => thread(`behind ${index}`, blocked('0x1'))),
  ];
  assert.match(
    said(analyze(dump(threads)))[0] ?? '',
    /^owner-not-in-dump error: 1 thread waits for 0x9 .*; 6 more wait behind them$/,
  );
});

test('many threads blocked on locks of their own are no health', () => {
  const pairs = Array.from({ length: 12 }, (_none, index) => [
    thread(`holder ${index}x`, { holds: [`0x${index}`] }),
    thread(`late ${index}x`, blocked(`0x${index}`)),
  ]).flat();
  assert.match(said(analyze(dump(pairs)))[0] ?? '', /^many-blocked warn: 12 of 24 threads are blocked/);
});

test('what holds in all dumps and what came later are told apart', () => {
  const ring = [
    thread('left', { id: 1, ...blocked('0xb', '0xa') }),
    thread('right', { id: 2, ...blocked('0xa', '0xb') }),
  ];
  const late = (number: number) => thread(`late ${number}`, { id: 10 + number, ...blocked('0xa') });
  const lead = 'deadlock error: deadlock of 2 threads on monitors: "left", "right"; so in all 4 dumps';
  const through = (...behind: readonly number[]) =>
    said(
      analyze(
        ...behind.map((count) =>
          dump([...ring, ...Array.from({ length: count }, (_none, each) => late(each))]),
        ),
      ),
    );
  assert.deepEqual(through(0, 0, 1, 1), [`${lead}; 1 more waits behind them since dump 3`]);
  assert.deepEqual(through(0, 0, 1, 2), [`${lead}; 2 more wait behind them in the last dump`]);
  assert.deepEqual(through(1, 1, 1, 1), [`${lead}; 1 more waits behind them`]);
  assert.deepEqual(through(2, 1, 0, 0), [lead]);
});

test('a holder whose crowd grew is told with how it grew', () => {
  const holder = thread('holder', {
    id: 1,
    state: 'TIMED_WAITING',
    holds: ['0xa'],
    frames: ['java.lang.Thread.sleep', 'com.shop.A.b'],
  });
  const others = [2, 3, 4, 5].map((id) => thread(`other ${id}`, { id, state: 'WAITING' }));
  const crowd = (count: number) =>
    dump([
      holder,
      ...others,
      ...Array.from({ length: count }, (_none, each) =>
        thread(`late ${each}`, { id: 10 + each, ...blocked('0xa') }),
      ),
    ]);
  assert.match(
    said(analyze(crowd(2), crowd(3), crowd(6)))[0] ?? '',
    /holds up 6 threads: .*; so in all 3 dumps: 2 → 3 → 6$/,
  );
});

test('a request told by its worker has neither the age nor the CPU of the worker', () => {
  const worker = { cpuMs: 973_655, elapsedMs: 276_498_220, frames: onPage('com.shop.Order.place') };
  const found = analyze(dump([thread('http-nio-8080-exec-1', worker)]));
  const row = (part: string) => found.evidence.find((each) => each.part === part);
  assert.deepEqual(
    [row('request')?.elapsedMs, row('request')?.ageMs, row('request')?.cpuMs],
    [undefined, undefined, undefined],
  );
  assert.deepEqual(
    [row('thread')?.elapsedMs, row('thread')?.ageMs, row('thread')?.cpuMs],
    [undefined, 276_498_220, 973_655],
  );
  assert.equal(
    shown(row('request'))[0]?.title,
    '"http-nio-8080-exec-1" RUNNABLE, 16 min 13 s of CPU since it began 3 d 4 h ago',
  );
});

test('what shows a finding is said in Korean too', () => {
  const ring = [thread('left', blocked('0xb', '0xa')), thread('right', blocked('0xa', '0xb'))];
  const [row] = analyze(dump(ring)).evidence;
  const [chain] = row?.blocks ?? [];
  assert.equal(inLanguage(chain?.title ?? '', 'ko'), '락 보유자와 대기자로 확인');
  assert.equal(inLanguage(chain?.lines[0] ?? '', 'ko'), '"left": 0xb (java.lang.Object) 대기, "right" 보유');
  const titles = analyze(dump(ring)).evidence.flatMap(({ blocks }) =>
    blocks.map(({ title }) => inLanguage(title, 'ko')),
  );
  assert.deepEqual(
    titles.filter((title) => /\b(threads?|waiting|since|Stack|Lock)\b/.test(title)),
    [],
  );
});
