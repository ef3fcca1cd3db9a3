import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JvmModel } from '../../fixtures/fleet/jvm/jvm-model.ts';
import { heapBytesOf, profileOf } from '../../fixtures/fleet/jvm/jvm-profile.ts';
import type { JvmScenario } from '../../fixtures/fleet/jvm/jvm-trouble.ts';
import { fleetProcess, START_AT } from '../support/fleet-processes.ts';

const MIB = 1024 * 1024;

function model(seed = 1, own: Parameters<typeof fleetProcess>[0] = {}): JvmModel {
  const process = fleetProcess(own);
  return new JvmModel({
    profile: profileOf(process, seed),
    seed,
    startedAt: process.startedAt,
    now: START_AT,
  });
}
function sick(scenario: JvmScenario, ms: number): JvmModel {
  const jvm = model();
  jvm.set(scenario);
  jvm.advance(START_AT + ms);
  return jvm;
}

test('a JVM follows from its seed and the time, however often it is asked', () => {
  const often = model();
  const once = model();
  for (let ms = 0; ms <= 60_000; ms += 370) often.advance(START_AT + ms);
  often.advance(START_AT + 60_000);
  once.advance(START_AT + 60_000);
  assert.deepEqual(often.read(), once.read());
  const other = model(2);
  other.advance(START_AT + 60_000);
  assert.notDeepEqual(other.read(), once.read());
});

test('a JVM that has run for days begins in the middle of its life', () => {
  const reading = model().read();
  assert.ok(reading.gc.youngCount > 1_000, String(reading.gc.youngCount));
  assert.ok(reading.lastOld !== undefined && reading.lastOld.at < START_AT);
  assert.ok(reading.traffic.short.tps > 1);
  const fresh = model(1, { startedAt: START_AT }).read();
  assert.equal(fresh.gc.oldCount, 0);
  assert.equal(fresh.lastOld, undefined);
});

test('the heap is a sawtooth inside its limits and young collections go on', () => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const jvm = model(seed);
    const before = jvm.read();
    let falls = 0;
    let last = before.heap.used;
    for (let ms = 0; ms < 600_000; ms += 2_000) {
      jvm.advance(START_AT + ms);
      const { heap, connectors, dataSources, activeByAge } = jvm.read();
      assert.ok(heap.used > 0 && heap.used <= heap.max, `seed ${seed}: ${heap.used} of ${heap.max}`);
      for (const { busy, max } of connectors) assert.ok(busy >= 0 && busy <= max);
      for (const { active, idle, max } of dataSources)
        assert.ok(active >= 0 && idle >= 0 && active + idle <= max + 1e-9);
      assert.ok(activeByAge.every((count) => Number.isInteger(count) && count >= 0));
      if (heap.used < last) falls++;
      last = heap.used;
    }
    const after = jvm.read();
    assert.ok(falls >= 3, `seed ${seed}: ${falls} falls`);
    assert.ok(after.gc.youngCount > before.gc.youngCount);
    assert.ok(after.gc.oldCount - before.gc.oldCount < 10, 'old collections are rare');
    assert.equal(jvm.isExhausted, false);
  }
});

test('a leak raises the heap after each collection until nothing is left', () => {
  const jvm = sick('leak', 60_000);
  const early = jvm.read();
  let ms = 60_000;
  while (!jvm.isExhausted && ms < 600_000) {
    ms += 2_000;
    jvm.advance(START_AT + ms);
  }
  const late = jvm.read();
  assert.ok(jvm.isExhausted, 'the heap ran out');
  assert.ok((late.lastOld?.afterBytes ?? 0) > (early.lastOld?.afterBytes ?? 0) * 1.3);
  assert.ok(late.gc.oldCount > early.gc.oldCount);
});

test('out of memory comes within seconds', () => {
  assert.equal(sick('outOfMemory', 20_000).isExhausted, true);
});

test('a burst of full collections costs time and leaves the heap low', () => {
  const calm = sick('idle', 12_000).read();
  const burst = sick('fullGcBurst', 12_000).read();
  assert.ok(burst.gc.oldCount - calm.gc.oldCount >= 3);
  assert.ok(burst.gc.oldMs - calm.gc.oldMs > 1_000);
});

test('slow requests grow old, an exhausted pool is full and its requests wait', () => {
  const slow = sick('slowRequests', 30_000).read();
  assert.ok(slow.activeByAge[1] + slow.activeByAge[2] > 0);
  const exhausted = sick('poolExhaustion', 60_000).read();
  const [pool] = exhausted.dataSources;
  assert.equal(pool?.active, pool?.max);
  assert.equal(pool?.idle, 0);
  assert.ok(exhausted.activeByAge[2] > 5);
  assert.ok(exhausted.traffic.short.errorPercent > 1);
});

test('an idle JVM does next to nothing, and a scenario ends when it should', () => {
  const jvm = model();
  jvm.set('idle', START_AT + 110_000);
  jvm.advance(START_AT + 100_000);
  assert.equal(jvm.isOn('idle'), true);
  assert.ok(jvm.read().traffic.short.tps < 2);
  jvm.advance(START_AT + 112_000);
  assert.equal(jvm.isOn('idle'), false);
});

test('the heap follows LENA_JVM_HEAP_SIZE, which LENA ignores unless it is <digits>m', () => {
  assert.equal(heapBytesOf(fleetProcess({ environment: { LENA_JVM_HEAP_SIZE: '1536m' } })), 1536 * MIB);
  assert.equal(heapBytesOf(fleetProcess({ environment: { LENA_JVM_HEAP_SIZE: '3g' } })), 1024 * MIB);
});
