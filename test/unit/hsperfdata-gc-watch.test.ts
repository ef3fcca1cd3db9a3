import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GcWatch } from '../../src/wire/hsperfdata/gc-watch.ts';
import type { JvmFigures, PerfCollector, PerfPool } from '../../src/wire/hsperfdata/jvm-figures.ts';

const STARTED = 1_700_000_000_000;
interface Reading {
  readonly collectors: readonly PerfCollector[];
  readonly lastCause?: string;
  readonly runningCause?: string;
  readonly used?: readonly [number, number, number];
}
const figures = ({ collectors, lastCause, runningCause, used = [0, 0, 0] }: Reading): JvmFigures => ({
  upMs: 60_000,
  startedAt: STARTED,
  heap: {},
  nonHeap: {},
  pools: ['eden', 'survivor', 'old'].map(
    (name, index): PerfPool => ({ name, isHeap: true, used: used[index], committed: 100 }),
  ),
  collectors,
  lastCause,
  runningCause,
});
const full = (count: number, lastEndMs?: number): PerfCollector => ({
  name: 'G1 Old Generation',
  isFull: true,
  count,
  timeMs: count * 10,
  lastStartMs: lastEndMs === undefined ? undefined : lastEndMs - 10,
  lastEndMs,
});
const pauses = (name: string, count: number, lastEndMs: number): PerfCollector => ({
  name,
  isFull: false,
  count,
  timeMs: count,
  lastStartMs: lastEndMs - 1,
  lastEndMs,
});

describe('collections from reading to reading', () => {
  test('the first reading tells nothing new', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [full(3, 50_000)] }), STARTED + 60_000);
    assert.deepEqual(watch.drain(), []);
    assert.equal(watch.afterGcBytes, undefined);
  });
  test('a collection is told once, with cause, end and length', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [full(3, 50_000)] }), STARTED + 60_000);
    watch.take(figures({ collectors: [full(4, 60_200)], lastCause: 'Ergonomics' }), STARTED + 60_500);
    watch.take(figures({ collectors: [full(4, 60_200)] }), STARTED + 61_000);
    assert.deepEqual(watch.drain(), [
      { name: 'G1 Old Generation', cause: 'Ergonomics', at: STARTED + 60_200, pauseMs: 10 },
    ]);
    assert.deepEqual(watch.drain(), []);
  });
  test('the cause belongs to the newest collection only', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [pauses('ParNew', 1, 10), full(0)] }), STARTED);
    watch.take(
      figures({ collectors: [pauses('ParNew', 2, 900), full(1, 950)], lastCause: 'Ergonomics' }),
      STARTED + 1_000,
    );
    assert.deepEqual(
      watch.drain().map(({ name, cause }) => [name, cause]),
      [
        ['ParNew', undefined],
        ['G1 Old Generation', 'Ergonomics'],
      ],
    );
  });
  test('the cause of the next one, which has begun, is not taken for the last one’s', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [full(0)] }), STARTED);
    watch.take(
      figures({ collectors: [full(1, 900)], runningCause: 'Allocation Failure', lastCause: 'No GC' }),
      STARTED + 1_000,
    );
    assert.deepEqual(
      watch.drain().map(({ cause }) => cause),
      [undefined],
    );
  });
  test('a length that is overwritten by the next one is not known', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [full(0)] }), STARTED);
    const running: PerfCollector = { ...full(1, 900), lastStartMs: 950, isRunning: true };
    watch.take(figures({ collectors: [running] }), STARTED + 1_000);
    assert.deepEqual(
      watch.drain().map(({ pauseMs }) => pauseMs),
      [undefined],
    );
  });
  test('what one left is not read while the next one runs', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [full(0)] }), STARTED);
    const running: PerfCollector = { ...full(1, 900), lastStartMs: 950, isRunning: true };
    watch.take(figures({ collectors: [running], used: [0, 0, 99] }), STARTED + 1_000);
    assert.equal(watch.afterGcBytes, undefined);
    watch.take(figures({ collectors: [full(2, 1_200)], used: [0, 0, 40] }), STARTED + 1_500);
    assert.equal(watch.afterGcBytes, 40);
  });
  test('an instant the wall clock does not bear out is that of the reading', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [full(0)] }), STARTED);
    watch.take(figures({ collectors: [full(1, 900_000)] }), STARTED + 1_000);
    assert.deepEqual(
      watch.drain().map(({ at }) => at),
      [STARTED + 1_000],
    );
  });
  test('a count that went backwards is another JVM’s and tells nothing', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [full(9, 900)] }), STARTED);
    watch.take(figures({ collectors: [full(1, 950)] }), STARTED + 1_000);
    assert.deepEqual(watch.drain(), []);
    watch.take(figures({ collectors: [full(2, 1_200)] }), STARTED + 1_500);
    assert.equal(watch.drain().length, 1);
  });
  test('a full collection leaves what is outside eden', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [full(0)] }), STARTED);
    watch.take(figures({ collectors: [full(1, 900)], used: [30, 5, 40] }), STARTED + 1_000);
    assert.equal(watch.afterGcBytes, 45);
    watch.take(figures({ collectors: [full(1, 900)], used: [60, 5, 50] }), STARTED + 2_000);
    assert.equal(watch.afterGcBytes, 45);
  });
  test('where the old generation is full, what stays in eden is alive', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [full(0)] }), STARTED);
    watch.take(figures({ collectors: [full(1, 900)], used: [30, 5, 99] }), STARTED + 1_000);
    assert.equal(watch.afterGcBytes, 134);
  });
  test('a young collection changes nothing of the heap after GC', () => {
    const watch = new GcWatch();
    watch.take(figures({ collectors: [pauses('Copy', 1, 10)] }), STARTED);
    watch.take(figures({ collectors: [pauses('Copy', 2, 900)], used: [1, 1, 1] }), STARTED + 1_000);
    assert.equal(watch.afterGcBytes, undefined);
    assert.equal(watch.seenFull, undefined);
  });
  test('of ZGC only a cycle somebody asked for is full, and its pauses are one', () => {
    const watch = new GcWatch();
    const read = (count: number, cause: string, isRunning = false) =>
      watch.take(
        figures({
          collectors: [pauses('ZGC Pauses', count, count * 100)],
          ...(isRunning ? { runningCause: cause } : { lastCause: cause }),
        }),
        STARTED + count * 100,
      );
    read(3, 'Warmup');
    assert.deepEqual(watch.seenFull, { name: 'ZGC Full Cycles', count: 0 });
    read(6, 'Proactive');
    assert.equal(watch.seenFull?.count, 0);
    read(7, 'Diagnostic Command', true);
    read(7, 'Diagnostic Command', true);
    read(9, 'Diagnostic Command');
    assert.equal(watch.seenFull?.count, 1);
    read(9, 'Diagnostic Command');
    read(12, 'Diagnostic Command');
    assert.equal(watch.seenFull?.count, 2);
    assert.deepEqual(
      watch
        .drain()
        .filter(({ name }) => name === 'ZGC Full Cycles')
        .map(({ cause, pauseMs }) => [cause, pauseMs]),
      [
        ['Diagnostic Command', undefined],
        ['Diagnostic Command', undefined],
      ],
    );
    assert.equal(watch.afterGcBytes, undefined);
  });
  test('of old CMS a pause that is no phase is a full collection', () => {
    const watch = new GcWatch();
    const read = (count: number, lastCause: string) =>
      watch.take(
        figures({
          collectors: [pauses('ConcurrentMarkSweep Pauses', count, count * 100)],
          lastCause,
          used: [9, 1, 20],
        }),
        STARTED + count * 100,
      );
    read(1, 'CMS Initial Mark');
    read(2, 'CMS Final Remark');
    assert.deepEqual(watch.seenFull, { name: 'ConcurrentMarkSweep', count: 0 });
    read(3, 'Allocation Failure');
    read(4, 'Allocation Failure');
    assert.equal(watch.seenFull?.count, 2);
    assert.equal(watch.afterGcBytes, 21);
  });
  test('keeps a bounded number of pauses', () => {
    const watch = new GcWatch();
    for (let count = 0; count < 1_000; count++)
      watch.take(figures({ collectors: [full(count, 1_000 + count * 20)] }), STARTED + 60_000);
    assert.equal(watch.drain().length, 64);
  });
});
