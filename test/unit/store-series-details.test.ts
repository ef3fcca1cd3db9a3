import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import { DETAIL_SERIES, type SeriesId } from '../../src/domain/series.ts';
import { DetailHolds, LINGER_MS, MAX_DETAILED, MAX_TROUBLED } from '../../src/store/series/detail-holds.ts';
import { MAX_PARTS } from '../../src/store/series/detail-series.ts';
import { SeriesStore } from '../../src/store/series/series-store.ts';
import { createSeriesPools } from '../../src/store/series/server-series.ts';
import { jvmSampleOf, MIB, MINUTE_MS, NOW } from '../support/store-entities.ts';

const KEY = 'prod\nshop/a';
const full = (at: number, more: Partial<JvmSample> = {}): JvmSample =>
  jvmSampleOf({
    at,
    nonHeap: { usedBytes: 80 * MIB },
    gcInterval: { coveredMs: 2_000, count: 2, timeMs: 14 },
    active: { total: 5, over8s: 1 },
    threads: { live: 40 },
    cpu: { process: 0.25 },
    fds: { open: 128 },
    sessions: 12,
    memoryPools: [{ name: 'G1 Old Gen', usedBytes: 200 * MIB }],
    ...more,
  });
const valuesOf = (series: SeriesStore, id: SeriesId, resolution: 'fine' | 'coarse' = 'fine') =>
  series.points(KEY, id, resolution).map(({ value }) => value);

test('every further series of a watched server is kept, in both resolutions', () => {
  const series = new SeriesStore();
  series.watch([KEY]);
  series.keep(KEY, full(NOW), NOW);
  const expected: readonly (readonly [SeriesId, number])[] = [
    ['heapCommitted', 900 * MIB],
    ['nonHeapUsed', 80 * MIB],
    ['gcTimeMs', 14],
    ['gcCount', 2],
    ['meanMs', 37],
    ['errorPercent', 0],
    ['over8s', 1],
    ['threads', 40],
    ['cpuPercent', 25],
    ['fds', 128],
    ['sessions', 12],
    ['pool/G1 Old Gen', 200 * MIB],
    ['connector/http-nio-8180', 4],
    ['dataSource/jdbc/shop', 2],
  ];
  for (const name of DETAIL_SERIES) assert.ok(expected.some(([id]) => id === name));
  for (const [id, value] of expected) {
    assert.deepEqual(series.points(KEY, id, 'fine'), [{ at: NOW, value }]);
    assert.deepEqual(series.points(KEY, id, 'coarse'), [{ at: NOW, value }]);
  }
});

test('what two samples of one step collected adds up, and a half minute shows its highest step', () => {
  const series = new SeriesStore();
  series.watch([KEY]);
  const collected = (afterMs: number, timeMs: number) => {
    const sample = full(NOW + afterMs, { gcInterval: { coveredMs: 2_000, count: 1, timeMs } });
    series.keep(KEY, sample, NOW + afterMs);
    series.keep(KEY, { ...sample }, NOW + afterMs);
  };
  collected(0, 5);
  collected(1_990, 7);
  collected(4_000, 9);
  assert.deepEqual(valuesOf(series, 'gcTimeMs'), [12, 9]);
  assert.deepEqual(valuesOf(series, 'gcCount'), [2, 1]);
  assert.deepEqual(valuesOf(series, 'gcTimeMs', 'coarse'), [12]);
});

test('a collector shows what it took since the sample before, and begins again with its JVM', () => {
  const series = new SeriesStore();
  series.watch([KEY]);
  const told = (afterMs: number, timeMs: number | undefined) =>
    series.keep(
      KEY,
      full(NOW + afterMs, { collectors: [{ name: 'G1 Young Generation', timeMs }] }),
      NOW + afterMs,
    );
  const id = 'collector/G1 Young Generation';
  told(0, 1_000);
  assert.deepEqual(valuesOf(series, id), []);
  told(2_000, 1_030);
  told(4_000, 1_030);
  told(6_000, 20);
  told(8_000, undefined);
  told(10_000, 50);
  told(12_000, 55);
  // What went on for longer than two minutes says nothing of now.
  told(12_000 + 3 * MINUTE_MS, 9_000);
  assert.deepEqual(valuesOf(series, id), [30, 0, 20, 5]);
});

test('a server is kept in full for two minutes after the last look, and then freed', () => {
  const pools = createSeriesPools();
  const series = new SeriesStore(pools);
  const release = series.watch([KEY]);
  const again = series.watch([KEY, KEY]);
  series.keep(KEY, full(NOW), NOW);
  release(NOW + 1_000);
  release(NOW + 1_000);
  series.expire(NOW + LINGER_MS * 2);
  assert.equal(valuesOf(series, 'threads').length, 1);
  again(NOW + LINGER_MS * 2);
  series.expire(NOW + LINGER_MS * 3 - 1);
  assert.equal(valuesOf(series, 'threads').length, 1);
  const back = series.watch([KEY]);
  series.keep(KEY, full(NOW + 2_000), NOW + 2_000);
  series.expire(NOW + LINGER_MS * 5);
  assert.equal(valuesOf(series, 'threads').length, 2);
  back(NOW + LINGER_MS * 5);
  series.expire(NOW + LINGER_MS * 6);
  assert.deepEqual(valuesOf(series, 'threads'), []);
  assert.equal(pools.single.inUse, 0);
  assert.equal(series.points(KEY, 'heapUsed', 'fine').length, 2);
});

test('a watch follows a server whose row moves, and goes on when the server comes back', () => {
  const pools = createSeriesPools();
  const series = new SeriesStore(pools);
  const release = series.watch(['udp\na', KEY]);
  series.keep('udp\na', full(NOW), NOW);
  series.keep(KEY, full(NOW + 2_000, { threads: { live: 1 } }), NOW + 2_000);
  series.move('udp\na', KEY, NOW + 2_000);
  assert.deepEqual(valuesOf(series, 'heapUsed').length, 2);
  series.keep(KEY, full(NOW + 4_000), NOW + 4_000);
  assert.deepEqual(valuesOf(series, 'threads'), [1, 40]);
  series.delete(KEY);
  assert.equal(pools.single.inUse + pools.six.inUse, 0);
  series.keep(KEY, full(NOW + 6_000), NOW + 6_000);
  assert.deepEqual(valuesOf(series, 'threads'), [40]);
  release(NOW + 6_000);
  series.expire(NOW + 6_000 + LINGER_MS);
  assert.deepEqual(valuesOf(series, 'threads'), []);
});

test('a row that moves under a watched key is kept in full, and no sample counts twice there', () => {
  const series = new SeriesStore();
  series.watch([KEY]);
  series.keep('udp\na', full(NOW), NOW);
  series.move('udp\na', KEY, NOW);
  series.keep(KEY, full(NOW + 2_000), NOW + 2_000);
  assert.deepEqual(valuesOf(series, 'gcTimeMs'), [14]);
  series.watch(['mgr\na']);
  series.keep('mgr\na', full(NOW + 4_000), NOW + 4_000);
  series.move(KEY, 'mgr\nb', NOW + 4_000);
  series.move('mgr\na', 'mgr\nb', NOW + 4_000);
  series.keep('mgr\nb', full(NOW + 4_000), NOW + 4_000);
  const kept = series.points('mgr\nb', 'heapUsed', 'fine').map(({ at }) => at - NOW);
  assert.deepEqual(kept, [0, 2_000, 4_000]);
  assert.deepEqual(
    series.points('mgr\nb', 'gcTimeMs', 'fine').map(({ value }) => value),
    [14],
  );
});

test('names that come and go are bounded, and the longest silent makes room', () => {
  const series = new SeriesStore();
  series.watch([KEY]);
  const told = (at: number, name: string) =>
    series.keep(
      KEY,
      full(at, { memoryPools: [{ name, usedBytes: 1 }], connectors: [], dataSources: [] }),
      at,
    );
  for (let index = 0; index < MAX_PARTS + 5; index++) told(NOW + index * 2_000, `pool-${index}`);
  assert.equal(valuesOf(series, `pool/pool-${MAX_PARTS - 1}`).length, 1);
  assert.deepEqual(valuesOf(series, `pool/pool-${MAX_PARTS}`), []);
  told(NOW + 12 * MINUTE_MS, 'late');
  assert.equal(valuesOf(series, 'pool/late').length, 1);
  assert.deepEqual(valuesOf(series, 'pool/pool-0', 'coarse'), []);
  assert.equal(valuesOf(series, 'pool/pool-1', 'coarse').length, 1);
  told(NOW + 12 * MINUTE_MS + 2_000, 'x'.repeat(300));
  assert.deepEqual(valuesOf(series, `pool/${'x'.repeat(300)}`), []);
});

function holdsOf() {
  const kept = new Set<string>();
  const holds = new DetailHolds({ begin: (key) => kept.add(key), end: (key) => kept.delete(key) });
  return { kept, holds };
}
const keysOf = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

test('the newest 200 in trouble are kept; one that was displaced comes back only where there is room', () => {
  const { kept, holds } = holdsOf();
  for (const key of keysOf('t', MAX_TROUBLED + 1)) holds.trouble(key, true);
  assert.equal(kept.size, MAX_TROUBLED);
  assert.ok(!kept.has('t0') && kept.has('t1') && kept.has(`t${MAX_TROUBLED}`));
  holds.trouble('t0', false);
  assert.ok(!kept.has('t0') && kept.has('t1'));
  holds.endTrouble('t1', NOW);
  assert.ok(kept.has('t1'));
  holds.trouble('t0', false);
  assert.ok(kept.has('t0'));
  holds.expire(NOW + LINGER_MS - 1);
  assert.ok(kept.has('t1'));
  holds.expire(NOW + LINGER_MS);
  assert.ok(!kept.has('t1'));
});

test('who is watched displaces lingering and trouble, and nobody displaces the watched', () => {
  const { kept, holds } = holdsOf();
  for (const key of keysOf('t', MAX_TROUBLED)) holds.trouble(key, true);
  holds.watch(keysOf('w', MAX_DETAILED));
  assert.equal(kept.size, MAX_DETAILED);
  assert.ok(keysOf('w', MAX_DETAILED).every((key) => kept.has(key)));
  holds.trouble('late', true);
  holds.watch(['more']);
  assert.equal(kept.size, MAX_DETAILED);
  assert.ok(!kept.has('late') && !kept.has('more'));
});

test('whatever is watched, troubled, moved and forgotten, holds stay within their bounds and end', () => {
  const key = fc.integer({ min: 0, max: 299 }).map((number) => `k${number}`);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('watch' as const), keys: fc.array(key, { maxLength: 90 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('release' as const), index: fc.nat({ max: 20 }) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('trouble' as const),
        keys: fc.array(key),
        isNew: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('calm' as const), keys: fc.array(key) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), from: key, to: key }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const), keys: fc.array(key) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        ms: fc.integer({ min: -90_000_000, max: 90_000_000 }),
      }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const { kept, holds } = holdsOf();
      const releases: ((now: number) => void)[] = [];
      let now = NOW;
      for (const each of steps) {
        switch (each.kind) {
          case 'watch':
            releases.push(holds.watch(each.keys));
            break;
          case 'release':
            releases[each.index % Math.max(1, releases.length)]?.(now);
            break;
          case 'trouble':
            for (const one of each.keys) holds.trouble(one, each.isNew);
            break;
          case 'calm':
            for (const one of each.keys) holds.endTrouble(one, now);
            break;
          case 'move':
            if (each.from !== each.to) holds.move(each.from, each.to);
            break;
          case 'forget':
            for (const one of each.keys) holds.forget(one);
            break;
          case 'pass':
            now += each.ms;
            holds.expire(now);
        }
        assert.ok(kept.size <= MAX_DETAILED);
        for (const one of kept) assert.ok(holds.has(one));
      }
      for (const release of releases) release(now);
      for (const one of kept) holds.endTrouble(one, now);
      holds.expire(now + LINGER_MS);
      assert.equal(kept.size, 0);
    }),
    { numRuns: 150 },
  );
});
