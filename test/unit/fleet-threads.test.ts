import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JvmModel } from '../../fixtures/fleet/jvm/jvm-model.ts';
import { profileOf } from '../../fixtures/fleet/jvm/jvm-profile.ts';
import type { JvmScenario } from '../../fixtures/fleet/jvm/jvm-trouble.ts';
import { classHistogram } from '../../fixtures/fleet/jvm/threads/class-histogram.ts';
import { heapDumpFile } from '../../fixtures/fleet/jvm/threads/heap-file.ts';
import { hotSpotDump, sigquitDump } from '../../fixtures/fleet/jvm/threads/hotspot-text.ts';
import { threadsOf } from '../../fixtures/fleet/jvm/threads/snapshot.ts';
import { DumpReader } from '../../src/diagnosis/thread-dump/read-dump.ts';
import type { ServerType } from '../../src/domain/server-type.ts';
import type { ThreadDump } from '../../src/domain/thread-dump.ts';
import { fleetProcess, START_AT } from '../support/fleet-processes.ts';

function jvm(type: ServerType, ...scenarios: readonly JvmScenario[]) {
  const process = fleetProcess({ type });
  const model = new JvmModel({
    profile: profileOf(process, 1),
    seed: 1,
    startedAt: process.startedAt,
    now: START_AT,
  });
  for (const scenario of scenarios) model.set(scenario);
  return {
    process,
    after(ms: number) {
      model.advance(START_AT + ms);
      const reading = model.read();
      const snapshot = threadsOf(process, reading);
      return { reading, snapshot, text: hotSpotDump(snapshot, { isLong: true }) };
    },
  };
}
/** As the product's own parser reads the text. */
function parsed(text: string): ThreadDump {
  const reader = new DumpReader();
  reader.write(Buffer.from(text));
  const content = reader.end();
  assert.equal(content.kind, 'threads');
  const [dump, ...more] = content.kind === 'threads' ? content.dumps : [];
  assert.ok(dump !== undefined);
  assert.equal(more.length, 0);
  return dump;
}
const javaThreads = (dump: ThreadDump) => dump.threads.filter(({ state }) => state !== undefined);

describe('the threads of a simulated JVM', () => {
  for (const type of [
    'was',
    'embedded',
    'tomcat',
    'wildfly',
    'springboot',
    'session',
    'manager',
    'jvm',
  ] as const) {
    test(`are as many as its figures say, and a reader loses none (${type})`, () => {
      for (const scenario of ['idle', 'slowRequests', 'poolExhaustion', 'lockConvoy'] as const) {
        const { reading, snapshot, text } = jvm(type, scenario).after(45_000);
        const counted = snapshot.threads.filter(({ isHidden }) => !isHidden);
        const requests = counted.filter(({ request }) => request !== undefined).length;
        const [young, middle, old] = reading.activeByAge;
        assert.equal(counted.length, reading.threads.live, scenario);
        assert.equal(counted.filter(({ isDaemon }) => isDaemon).length, reading.threads.daemon, scenario);
        assert.equal(requests, young + middle + old, scenario);
        const dump = parsed(text);
        assert.deepEqual(dump.problems, [], scenario);
        assert.equal(dump.isTruncated, false);
        assert.deepEqual(
          dump.threads.map(({ name }) => name).sort(byText),
          snapshot.threads.map(({ name }) => name).sort(byText),
        );
        assert.equal(new Set(snapshot.threads.map(({ nid }) => nid)).size, snapshot.threads.length);
        const states = (list: readonly { readonly state?: string | undefined }[]) =>
          list.filter(({ state }) => state === 'BLOCKED').length;
        assert.equal(states(dump.threads), reading.threads.blocked, scenario);
      }
    });
  }

  test('are named as the documentation names them', () => {
    const names = (type: ServerType) =>
      jvm(type)
        .after(1_000)
        .snapshot.threads.map(({ name }) => name);
    assert.ok(names('was').includes('lena-http-8180-exec-1'));
    assert.ok(names('tomcat').includes('http-nio-8180-exec-10'));
    assert.ok(names('wildfly').includes('default task-1'));
  });

  test('tell their processor time from JDK 11 on, and it never falls nor exceeds the JVM’s', () => {
    const was = parsed(jvm('was').after(1_000).text);
    assert.ok(
      javaThreads(was).every(({ cpuMs, elapsedMs }) => cpuMs === undefined && elapsedMs === undefined),
    );
    const tomcat = jvm('tomcat', 'busyLoop');
    const first = tomcat.after(20_000);
    const second = tomcat.after(50_000);
    const cpuOf = (text: string) =>
      new Map(javaThreads(parsed(text)).map(({ name, cpuMs }) => [name, cpuMs ?? -1]));
    const before = cpuOf(first.text);
    const after = cpuOf(second.text);
    let most = { name: '', ms: 0 };
    for (const [name, cpuMs] of after) {
      const ms = cpuMs - (before.get(name) ?? 0);
      assert.ok(ms >= 0, `${name}: ${ms}`);
      if (ms > most.ms) most = { name, ms };
    }
    const [burner] = second.reading.troubles.flatMap(({ pinned }) => pinned);
    assert.equal(most.name, `http-nio-8180-exec-${(burner?.worker ?? -1) + 1}`);
    assert.ok(most.ms > 25_000 && most.ms <= 30_000, String(most.ms));
    const sum = [...after.values()].reduce((all, cpuMs) => all + cpuMs, 0);
    assert.ok(sum <= second.reading.cpuMs, `${sum} of ${second.reading.cpuMs}`);
  });

  for (const type of ['was', 'tomcat'] as const) {
    test(`a deadlock on monitors is one, and stays on its threads (${type})`, () => {
      const one = jvm(type, 'deadlock');
      const dumps = [10_000, 15_000, 60_000].map((ms) => parsed(one.after(ms).text));
      const [first] = dumps;
      assert.equal(first?.deadlocks.length, 1);
      assert.equal(first?.deadlocks[0]?.length, 2);
      for (const dump of dumps) {
        assert.deepEqual(dump.deadlocks, first?.deadlocks);
        for (const name of dump.deadlocks.flat()) {
          const thread = dump.threads.find((each) => each.name === name);
          assert.deepEqual(
            [thread?.state, thread?.waitsFor?.kind, thread?.holds.length],
            ['BLOCKED', 'entry', 1],
          );
        }
      }
    });
    test(`a deadlock on locks shows who owns which (${type})`, () => {
      const dump = parsed(jvm(type, 'lockDeadlock').after(10_000).text);
      const threads = dump.threads.filter(({ name }) => dump.deadlocks[0]?.includes(name));
      assert.equal(threads.length, 2);
      const [one, other] = threads;
      assert.deepEqual([one?.waitsFor?.kind, other?.waitsFor?.kind], ['park', 'park']);
      assert.equal(one?.waitsFor?.id, other?.holds[0]?.id);
      assert.equal(other?.waitsFor?.id, one?.holds[0]?.id);
      assert.match(one?.holds[0]?.className ?? '', /ReentrantLock/);
    });
    test(`a convoy has one root, which reads from a socket (${type})`, () => {
      const dump = parsed(jvm(type, 'lockConvoy').after(30_000).text);
      const rates = dump.threads.filter(
        ({ waitsFor }) => waitsFor?.className === 'com.shop.rate.ExchangeRates',
      );
      assert.ok(rates.length >= 15, String(rates.length));
      const owners = dump.threads.filter(({ holds }) =>
        holds.some(({ id }) => id === rates[0]?.waitsFor?.id),
      );
      assert.equal(owners.length, 1);
      assert.equal(owners[0]?.state, 'RUNNABLE');
      assert.match(
        owners[0]?.stack.frames.join('\n') ?? '',
        /socketRead0|NioSocketImpl.*ExchangeRates.reload/s,
      );
    });
  }

  test('a slow page takes every thread of the pool', () => {
    const { reading, text } = jvm('tomcat', 'slowPage').after(90_000);
    assert.deepEqual(
      reading.connectors.map(({ busy, max }) => [busy, max]),
      [[200, 200]],
    );
    const workers = parsed(text).threads.filter(({ name }) => name.startsWith('http-nio-8180-exec-'));
    assert.equal(workers.length, 200);
    assert.ok(
      workers.every(({ stack }) => stack.frames.join('\n').includes('com.shop.web.RecommendPage.doGet')),
    );
  });

  test('an empty database pool shows its holders and who waits', () => {
    const { reading, text } = jvm('was', 'poolExhaustion').after(90_000);
    const { threads } = parsed(text);
    const standing = (part: string) =>
      threads.filter(({ stack }) => stack.frames.join('\n').includes(part)).length;
    assert.equal(
      standing('SalesReportDao.sumByCategory(SalesReportDao.java:96)'),
      reading.dataSources[0]?.max,
    );
    assert.ok(standing('GenericObjectPool.borrowObject') > 50);
  });

  test('what ended frees its threads', () => {
    const process = fleetProcess({ type: 'tomcat' });
    const model = new JvmModel({
      profile: profileOf(process, 1),
      seed: 1,
      startedAt: process.startedAt,
      now: START_AT,
    });
    model.set('deadlock', START_AT + 10_000);
    model.advance(START_AT + 9_000);
    assert.equal(model.read().troubles[0]?.pinned.length, 2);
    model.advance(START_AT + 11_000);
    assert.deepEqual(model.read().troubles, []);
    assert.equal(model.read().threads.blocked, 0);
  });

  test('two JVMs of one seed and time are alike, and a signal’s dump ends with the heap', () => {
    assert.equal(jvm('was', 'deadlock').after(30_000).text, jvm('was', 'deadlock').after(30_000).text);
    const { snapshot, reading } = jvm('tomcat').after(5_000);
    const text = sigquitDump(snapshot, reading);
    assert.match(text, /\nHeap\n garbage-first heap {3}total 1048576K, used \d+K/);
    assert.deepEqual(parsed(text).problems, []);
  });
});

test('a histogram adds up to the heap in use, or to what a collection leaves', () => {
  const { process, after } = jvm('tomcat', 'leak');
  const { reading } = after(60_000);
  const read = (isAll: boolean) => {
    const reader = new DumpReader();
    reader.write(Buffer.from(classHistogram(process, reading, { jdk: 17, isAll })));
    const content = reader.end();
    assert.ok(content.kind === 'histogram');
    const [histogram] = content.histograms;
    assert.deepEqual(histogram?.problems, []);
    return histogram;
  };
  const all = read(true);
  const live = read(false);
  assert.ok(
    (all?.totalBytes ?? 0) <= reading.heap.used * 1.1 && (all?.totalBytes ?? 0) > reading.heap.used * 0.5,
  );
  assert.ok((live?.totalBytes ?? 0) < (all?.totalBytes ?? 0));
  assert.equal(all?.classes[0]?.className, 'com.shop.member.MemberSnapshot');
});

test('a heap dump is whole by its own lengths', () => {
  const { process, after } = jvm('tomcat');
  const file = heapDumpFile(process, after(1_000).reading);
  assert.equal(file.toString('latin1', 0, 18), 'JAVA PROFILE 1.0.2');
  let at = 19 + 12;
  let last = -1;
  while (at < file.length) {
    last = file[at] ?? -1;
    at += 9 + file.readUInt32BE(at + 5);
  }
  assert.deepEqual([at, last], [file.length, 0x2c]);
});

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

test('a healthy server’s requests are elsewhere at each look', () => {
  const { after } = jvm('was');
  const looks = Array.from({ length: 12 }, (_, index) => index * 10 + 1);
  const busy = looks.map((second) => {
    const { snapshot } = after(second * 1_000);
    return snapshot.threads.flatMap(({ name, request, state, stack }) =>
      request !== undefined && state === 'RUNNABLE' && !String(stack[0]).includes('socketRead')
        ? [`${name} ${JSON.stringify(stack)}`]
        : [],
    );
  });
  assert.ok(busy.flat().length > 0);
  for (const [index, list] of busy.entries()) {
    const next = busy[index + 1] ?? [];
    assert.deepEqual(
      list.filter((each) => next.includes(each)),
      [],
    );
  }
});
