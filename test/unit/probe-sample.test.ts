import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampleMaker } from '../../src/sources/telemetry/probe/probe-sample.ts';
import type { JvmFigures, PerfCollector } from '../../src/wire/hsperfdata/jvm-figures.ts';

const AT = 1_800_000_000_000;
const figuresOf = (upMs: number, collector: PerfCollector, more: Partial<JvmFigures> = {}): JvmFigures => ({
  upMs,
  startedAt: AT - 3_600_000,
  heap: { used: 500, committed: 1_000, max: 1_000 },
  nonHeap: {},
  pools: [],
  collectors: [collector],
  ...more,
});

test('a cycle of ZGC is a full collection where somebody asked for it, when our clock says it ended', () => {
  const maker = new SampleMaker();
  const pauses = (count: number, lastEndMs: number): PerfCollector => ({
    name: 'ZGC Pauses',
    isFull: false,
    count,
    timeMs: count,
    lastStartMs: lastEndMs - 1,
    lastEndMs,
  });
  const idle = maker.take(figuresOf(60_000, pauses(3, 50_000)), AT, {});
  assert.deepEqual([idle.fullGcs, idle.lastFullGc], [0, undefined]);
  const worked = maker.take(figuresOf(62_000, pauses(6, 61_000), { lastCause: 'Warmup' }), AT + 2_000, {});
  assert.deepEqual([worked.fullGcs, worked.lastFullGc], [0, undefined]);
  const asked = figuresOf(64_000, pauses(9, 63_500), { lastCause: 'System.gc()' });
  const { fullGcs, lastFullGc, pauses: told } = maker.take(asked, AT + 4_000, {});
  assert.deepEqual(
    [fullGcs, lastFullGc?.at, lastFullGc?.cause, told],
    [1, AT + 3_500, 'System.gc()', undefined],
  );
});

test('what is in eden counts as left where the old generation has no room for it', () => {
  const read = (old: number) => {
    const maker = new SampleMaker();
    const serial = (count: number): PerfCollector => ({
      name: 'MarkSweepCompact',
      isFull: true,
      count,
      timeMs: count,
    });
    const pools = [
      { name: 'Eden Space', isHeap: true, used: 100, committed: 200 },
      { name: 'Survivor Space', isHeap: true, used: 20, committed: 50 },
      { name: 'Tenured Gen', isHeap: true, used: old, committed: 750 },
    ];
    maker.take(figuresOf(60_000, serial(0)), AT, {});
    return maker.take(figuresOf(62_000, serial(1), { pools }), AT + 2_000, {}).heap?.afterGcBytes;
  };
  assert.equal(read(300), 320);
  assert.equal(read(749), 869);
});

test('while a sampled collector runs the heap read before it stands', () => {
  const maker = new SampleMaker();
  const copy = (isRunning: boolean): PerfCollector => ({
    name: 'Copy',
    isFull: false,
    count: 1,
    timeMs: 1,
    isRunning,
  });
  const usedBytes = (upMs: number, isRunning: boolean, used: number) =>
    maker.take(
      figuresOf(upMs, copy(isRunning), {
        policy: 'Copy:MSC',
        heap: { used, committed: 1_000, max: 1_000 },
        pools: [{ name: 'Tenured Gen', isHeap: true, used, committed: 750 }],
      }),
      AT + upMs,
      {},
    );
  assert.equal(usedBytes(60_000, false, 500).heap?.usedBytes, 500);
  const running = usedBytes(62_000, true, 90);
  assert.deepEqual([running.heap?.usedBytes, running.memoryPools?.[0]?.usedBytes], [500, 500]);
  assert.equal(usedBytes(64_000, false, 120).heap?.usedBytes, 120);
});
