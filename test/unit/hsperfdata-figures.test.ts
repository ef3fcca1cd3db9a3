import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jvmFiguresOf } from '../../src/wire/hsperfdata/figures-of.ts';
import { readPerfData } from '../../src/wire/hsperfdata/read-perf-data.ts';
import { settledFigures } from '../../src/wire/hsperfdata/settled-figures.ts';
import { type PerfValues, perfFileOf, SERIAL_17 } from '../support/jvm-perf-data.ts';

const MIB = 1_048_576;
const figuresOf = (values: PerfValues, modifiedTicks = 0) => {
  const data = readPerfData(perfFileOf(values, { modifiedTicks }));
  return data.kind === 'perf-data' ? jvmFiguresOf(data) : assert.fail(data.reason);
};
const without = (prefix: string): PerfValues =>
  Object.fromEntries(Object.entries(SERIAL_17).filter(([name]) => !name.startsWith(prefix)));
const collector = (ordinal: number, name: string, count = 3): PerfValues => ({
  [`sun.gc.collector.${ordinal}.name`]: name,
  [`sun.gc.collector.${ordinal}.invocations`]: count,
  [`sun.gc.collector.${ordinal}.time`]: 1_500_000,
});
const space = (place: string, [used, capacity, maximum]: readonly [number, number, number]): PerfValues => ({
  [`sun.gc.generation.${place}.used`]: used,
  [`sun.gc.generation.${place}.capacity`]: capacity,
  [`sun.gc.generation.${place}.maxCapacity`]: maximum,
});

describe('figures of hsperfdata', () => {
  test('Serial: sums, shares and limits', () => {
    const { heap, pools, collectors, ...rest } = figuresOf(SERIAL_17);
    assert.deepEqual(heap, { used: 41 * MIB, committed: 127 * MIB, max: 128 * MIB });
    assert.deepEqual(
      pools.map(({ name, isHeap, used, committed, max }) => [
        name,
        isHeap,
        (used ?? 0) / MIB,
        (committed ?? 0) / MIB,
        max === undefined ? undefined : max / MIB,
      ]),
      [
        ['Eden Space', true, 10, 35, 35],
        ['Survivor Space', true, 1, 8, 8],
        ['Tenured Gen', true, 30, 84, 84],
        ['Metaspace', false, 9, 10, undefined],
        ['Compressed Class Space', false, 1, 2, 1_024],
      ],
    );
    assert.deepEqual(collectors, [
      {
        name: 'Copy',
        isFull: false,
        count: 5,
        timeMs: 20.5,
        lastStartMs: 900,
        lastEndMs: 904,
        isRunning: false,
      },
      {
        name: 'MarkSweepCompact',
        isFull: true,
        count: 1,
        timeMs: 50,
        lastStartMs: 500,
        lastEndMs: 550,
        isRunning: false,
      },
    ]);
    assert.deepEqual(rest, {
      version: '17.0.13+11',
      policy: 'Copy:MSC',
      command: 'com.example.shop.Shop --key=abc',
      upMs: 1_000,
      startedAt: 1_700_000_000_000,
      nonHeap: {},
      lastCause: 'Allocation Failure',
      runningCause: undefined,
      threads: { live: 12, peak: 14, daemon: 10 },
      classes: 2_280,
    });
  });

  const families: readonly {
    readonly of: string;
    readonly names: readonly (string | undefined)[];
    readonly told: readonly (readonly [string, boolean])[];
    readonly old: string;
  }[] = [
    {
      of: 'Serial 8',
      names: ['Copy', 'MSC'],
      told: [
        ['Copy', false],
        ['MarkSweepCompact', true],
      ],
      old: 'Tenured Gen',
    },
    {
      of: 'Parallel 8',
      names: ['PSScavenge', 'PSParallelCompact'],
      told: [
        ['PS Scavenge', false],
        ['PS MarkSweep', true],
      ],
      old: 'PS Old Gen',
    },
    {
      of: 'Parallel 8 without ParallelOld',
      names: ['PSScavenge', 'PSMarkSweep'],
      told: [
        ['PS Scavenge', false],
        ['PS MarkSweep', true],
      ],
      old: 'PS Old Gen',
    },
    {
      of: 'Parallel 17',
      names: ['Parallel young collection pauses', 'Parallel full collection pauses'],
      told: [
        ['PS Scavenge', false],
        ['PS MarkSweep', true],
      ],
      old: 'PS Old Gen',
    },
    {
      of: 'CMS 8, phases among the collections',
      names: ['PCopy', 'CMS'],
      told: [
        ['ParNew', false],
        ['ConcurrentMarkSweep Pauses', false],
      ],
      old: 'CMS Old Gen',
    },
    {
      of: 'CMS 8 with a serial young collector',
      names: ['Copy', 'CMS'],
      told: [
        ['Copy', false],
        ['ConcurrentMarkSweep Pauses', false],
      ],
      old: 'CMS Old Gen',
    },
    {
      of: 'ParNew 8 with a serial old collector',
      names: ['PCopy', 'MSC'],
      told: [
        ['ParNew', false],
        ['MarkSweepCompact', true],
      ],
      old: 'Tenured Gen',
    },
    {
      of: 'CMS with phases apart',
      names: ['PCopy', 'CMS', 'CMS stop-the-world phases'],
      told: [
        ['ParNew', false],
        ['ConcurrentMarkSweep', true],
        ['ConcurrentMarkSweep Pauses', false],
      ],
      old: 'CMS Old Gen',
    },
    {
      of: 'G1 8',
      names: ['G1 incremental collections', 'G1 stop-the-world full collections'],
      told: [
        ['G1 Young Generation', false],
        ['G1 Old Generation', true],
      ],
      old: 'G1 Old Gen',
    },
    {
      of: 'G1 17',
      names: ['G1 young collection pauses', 'G1 full collection pauses', 'G1 concurrent cycle pauses'],
      told: [
        ['G1 Young Generation', false],
        ['G1 Old Generation', true],
        ['G1 Concurrent GC', false],
      ],
      old: 'G1 Old Gen',
    },
    {
      of: 'ZGC 17',
      names: [undefined, undefined, 'Z concurrent cycle pauses'],
      told: [['ZGC Pauses', false]],
      old: 'ZHeap',
    },
    {
      of: 'ZGC 21 with generations',
      names: ['ZGC minor collection pauses', undefined, 'ZGC major collection pauses'],
      told: [
        ['ZGC Minor Pauses', false],
        ['ZGC Major Pauses', false],
      ],
      old: 'ZGC Old Generation',
    },
    { of: 'Shenandoah', names: ['Shenandoah partial', 'Shenandoah full'], told: [], old: 'Shenandoah' },
    {
      of: 'an unknown one',
      names: ['Quick', 'Slow'],
      told: [
        ['Quick', false],
        ['Slow', true],
      ],
      old: 'old',
    },
  ];
  for (const { of, names, told, old } of families) {
    test(`${of}: names are those of management`, () => {
      const values = Object.fromEntries([
        ...Object.entries(without('sun.gc.collector.')),
        ...names.flatMap((name, ordinal) =>
          name === undefined ? [] : Object.entries(collector(ordinal, name)),
        ),
      ]);
      const figures = figuresOf(values);
      assert.deepEqual(
        figures.collectors.map(({ name, isFull }) => [name, isFull]),
        told,
      );
      for (const { count, timeMs } of figures.collectors) assert.deepEqual([count, timeMs], [3, 1.5]);
      assert.equal(figures.pools.filter(({ isHeap }) => isHeap).at(-1)?.name, old);
    });
  }

  test('G1: the padding of its counters is taken off, and the heap is the limit of all', () => {
    const figures = figuresOf({
      ...without('sun.gc.'),
      ...collector(0, 'G1 young collection pauses'),
      'sun.gc.generation.0.maxCapacity': 128 * MIB + 24,
      'sun.gc.generation.1.maxCapacity': 128 * MIB + 8,
      ...space('0.space.0', [5 * MIB, 60 * MIB + 8, 128 * MIB + 8]),
      ...space('0.space.1', [0, 8, 8]),
      ...space('0.space.2', [2 * MIB, 7 * MIB + 8, 128 * MIB + 8]),
      ...space('1.space.0', [33 * MIB + 512, 61 * MIB + 8, 128 * MIB + 8]),
    });
    assert.deepEqual(figures.heap, { used: 40 * MIB + 512, committed: 128 * MIB, max: 128 * MIB });
    const heap = figures.pools.filter(({ isHeap }) => isHeap);
    assert.deepEqual(
      heap.map(({ name, committed, max }) => [name, (committed ?? 0) / MIB, max]),
      [
        ['G1 Eden Space', 60, undefined],
        ['G1 Survivor Space', 7, undefined],
        ['G1 Old Gen', 61, 128 * MIB],
      ],
    );
  });
  test('ZGC with generations: one space each, the heap is the limit of both', () => {
    const figures = figuresOf({
      ...without('sun.gc.'),
      ...collector(0, 'ZGC minor collection pauses'),
      'sun.gc.generation.0.maxCapacity': 128 * MIB,
      'sun.gc.generation.1.maxCapacity': 128 * MIB,
      ...space('0.space.0', [10 * MIB, 118 * MIB, 128 * MIB]),
      ...space('1.space.0', [10 * MIB, 10 * MIB, 128 * MIB]),
    });
    assert.deepEqual(figures.heap, { used: 20 * MIB, committed: 128 * MIB, max: 128 * MIB });
    assert.deepEqual(
      figures.pools.map(({ name }) => name),
      ['ZGC Young Generation', 'ZGC Old Generation'],
    );
  });
  test('what a JVM does not write is absent, never zero', () => {
    const figures = figuresOf({ 'sun.rt.javaCommand': 'Shop' });
    assert.deepEqual(figures.heap, { used: undefined, committed: undefined, max: undefined });
    assert.deepEqual([figures.pools, figures.collectors], [[], []]);
    assert.equal(figures.threads, undefined);
    assert.equal(figures.classes, undefined);
    assert.equal(figures.startedAt, undefined);
  });
  test('a heap without collector is Epsilon’s', () => {
    const figures = figuresOf({
      'sun.gc.generation.1.name': 'Heap',
      'sun.gc.generation.1.maxCapacity': 64 * MIB,
      ...space('1.space.0', [MIB, 32 * MIB, 64 * MIB]),
    });
    assert.equal(figures.pools[0]?.name, 'Epsilon Heap');
    assert.deepEqual(figures.heap, { used: MIB, committed: 32 * MIB, max: 64 * MIB });
  });
  test('a negative counter is not known', () => {
    const figures = figuresOf({
      ...SERIAL_17,
      'java.threads.live': -1,
      'sun.gc.collector.0.invocations': -3,
    });
    assert.equal(figures.threads?.live, undefined);
    assert.deepEqual(
      figures.collectors.map(({ name }) => name),
      ['MarkSweepCompact'],
    );
  });
  test('JDK 8 tells its version in another counter', () => {
    const java = { 'java.property.java.version': '1.8.0_402', 'java.property.java.vm.version': '25.402-b06' };
    assert.equal(figuresOf({ ...SERIAL_17, ...java }).version, '1.8.0_402');
  });
  test('without a running clock the newest instant counts', () => {
    assert.equal(figuresOf(without('sun.os.hrt.ticks'), 100_000_000).upMs, 904);
    assert.equal(figuresOf(without('sun.os.hrt.ticks'), 2_000_000_000).upMs, 2_000);
  });
  test('metaspace has a limit only where one was set; the last one counts', () => {
    const limitOf = (vmArguments: string) =>
      figuresOf({ ...SERIAL_17, 'java.rt.vmArgs': vmArguments }).pools.find(
        ({ name }) => name === 'Metaspace',
      )?.max;
    assert.equal(limitOf('-XX:MaxMetaspaceSize=64m -Xmx1g -XX:MaxMetaspaceSize=96M'), 96 * MIB);
    assert.equal(limitOf('-XX:MaxMetaspaceSize=1048576'), MIB);
    assert.equal(limitOf('-Dx=-XX:MaxMetaspaceSize=64m'), undefined);
  });
  test('a collection counts when it ends, as its time does', () => {
    const [, running] = figuresOf({
      ...SERIAL_17,
      'sun.gc.collector.1.invocations': 2,
      'sun.gc.collector.1.lastEntryTime': 990_000_000,
    }).collectors;
    assert.deepEqual([running?.count, running?.timeMs, running?.isRunning], [1, 50, true]);
    const [, first] = figuresOf({
      ...SERIAL_17,
      'sun.gc.collector.1.time': 0,
      'sun.gc.collector.1.lastExitTime': 0,
    }).collectors;
    assert.deepEqual([first?.count, first?.timeMs, first?.isRunning], [0, 0, true]);
  });
  test('while a sampled collector runs the heap of before stands', () => {
    const before = figuresOf(SERIAL_17);
    const eden = 'sun.gc.generation.0.space.0.used';
    const steady = figuresOf({ ...SERIAL_17, [eden]: 20 * MIB });
    assert.equal(settledFigures(steady, before).heap.used, 51 * MIB);
    const values = { ...SERIAL_17, [eden]: 30 * MIB, 'sun.gc.collector.0.lastEntryTime': 990_000_000 };
    const running = figuresOf(values);
    assert.equal(settledFigures(running, before).heap.used, 41 * MIB);
    assert.equal(settledFigures(running, undefined).heap.used, 61 * MIB);
    const ofG1 = figuresOf({ ...values, 'sun.gc.policy.name': 'GarbageFirst' });
    assert.equal(settledFigures(ofG1, before).heap.used, 61 * MIB);
  });
  test('a running collection names its cause', () => {
    assert.equal(figuresOf({ ...SERIAL_17, 'sun.gc.cause': 'System.gc()' }).runningCause, 'System.gc()');
    assert.equal(figuresOf({ ...SERIAL_17, 'sun.gc.lastCause': 'unknown GCCause' }).lastCause, undefined);
  });
});
