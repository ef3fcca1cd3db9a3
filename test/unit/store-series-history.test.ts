import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FullGc, JvmSample } from '../../src/domain/jvm-sample.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Sender } from '../../src/domain/sender.ts';
import { type HistoryBlock, SERIES_NAMES, type SenderHistory } from '../../src/domain/series.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { SeriesStore } from '../../src/store/series/series-store.ts';
import { createSeriesPools } from '../../src/store/series/server-series.ts';
import {
  contextOf,
  dropOf,
  eventOf,
  HOUR_MS,
  instanceOf,
  jvmSampleOf,
  MIB,
  MINUTE_MS,
  NOW,
  putOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const createStore = () => createConsoleStore(storeOptionsOf([contextOf('prod'), contextOf('udp', 'udp')]));
const SENDER = senderOf('a').ref;
const SERVER = refOf('server', 'prod', 'shop/a');
const ALONE = refOf('server', 'udp', SENDER.id);

const senderAt = (at: number, usedMiB: number, more: Partial<JvmSample> = {}): Sender =>
  senderOf('a', {
    jvm: jvmSampleOf({ at, heap: { usedBytes: usedMiB * MIB, maxBytes: 1_024 * MIB }, ...more }),
    heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
  });
const heard = (at: number, usedMiB: number, more: Partial<JvmSample> = {}) =>
  putOf('sender', senderAt(at, usedMiB, more));
/** A block of heap used alone. */
const blockOf = (
  fromAt: number,
  used: readonly number[],
  more: Partial<HistoryBlock> = {},
): HistoryBlock => ({
  resolution: 'fine',
  fromAt,
  values: Float32Array.from(used.flatMap((value) => [value, NaN, NaN, NaN, NaN, NaN])),
  ...more,
});
const historyOf = (blocks: readonly HistoryBlock[], fullGcs: readonly FullGc[] = []): SenderHistory => ({
  sender: SENDER,
  blocks,
  fullGcs,
});
const usedOf = (store: ReturnType<typeof createStore>, server = SERVER) =>
  store.series(server, 'heapUsed').map(({ at, value }) => [(at - NOW) / 1_000, value]);

test('history that comes before its sender goes to the server that claims it', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a'))]);
  store.applyHistory([historyOf([blockOf(NOW - 4_000, [1, 2])], [{ at: NOW - 5_000 }])]);
  assert.deepEqual(usedOf(store), []);
  store.apply([heard(NOW, 3)]);
  assert.deepEqual(usedOf(store), [
    [-4, 1],
    [-2, 2],
    [0, 3 * MIB],
  ]);
  assert.deepEqual(
    store.fullGcs(SERVER).map(({ at }) => at - NOW),
    [-5_000],
  );
  assert.deepEqual(usedOf(store, ALONE), []);
});

test('history of a sender nobody claims shows in its own row', () => {
  const store = createStore();
  store.applyHistory([historyOf([blockOf(NOW - 2_000, [1])])]);
  store.apply([heard(NOW, 2)]);
  assert.equal(usedOf(store, ALONE).length, 2);
  // It is no longer waited for: time does not take it away.
  store.tick(NOW + 2 * MINUTE_MS);
  assert.equal(usedOf(store, ALONE).length, 2);
});

test('history whose sender does not come is let go', () => {
  const store = createStore();
  store.applyHistory([historyOf([blockOf(NOW - 2_000, [1])])]);
  store.tick(NOW + 2 * MINUTE_MS);
  store.apply([heard(NOW + 2 * MINUTE_MS, 2)]);
  assert.equal(usedOf(store, ALONE).length, 1);
});

test('steps known here stay, and the gaps between them are filled', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a')), heard(NOW, 100)]);
  store.tick(NOW + 4_000);
  store.apply([heard(NOW + 4_000, 104)]);
  store.applyHistory([historyOf([blockOf(NOW - 2_000, [1, 2, 3, 4, 5])])]);
  assert.deepEqual(usedOf(store), [
    [-2, 1],
    [0, 100 * MIB],
    [2, 3],
    [4, 104 * MIB],
    [6, 5],
  ]);
  // A known step stays whole: what the block says of its other series is not mixed in.
  store.applyHistory([historyOf([blockOf(NOW, [9, 9, 9])])]);
  assert.deepEqual(
    usedOf(store).map(([, value]) => value),
    [1, 100 * MIB, 3, 104 * MIB, 5],
  );
});

test('blocks that cannot be ours are let go, and nothing but figures of the span is taken', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a')), heard(NOW, 1)]);
  const known = usedOf(store);
  store.applyHistory([
    historyOf([
      blockOf(NOW - 3_000, [7]),
      blockOf(Number.NaN, [7]),
      blockOf(Number.POSITIVE_INFINITY, [7]),
      blockOf(-2_000, [7]),
      blockOf(NOW - 2_000, [7], { values: new Float32Array(7).fill(7) }),
      blockOf(NOW - 2_000, [7], { values: new Float32Array(6 * 10_000).fill(7) }),
      blockOf(NOW - HOUR_MS, [7]),
      blockOf(NOW + 2 * MINUTE_MS, [7]),
      blockOf(NOW - 8_000, [-1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
      blockOf(NOW - 2_000, []),
    ]),
  ]);
  assert.deepEqual(usedOf(store), known);
  store.applyHistory([historyOf([blockOf(NOW + 58_000, [5, 6, 7])])]);
  assert.deepEqual(usedOf(store).at(-1), [60, 6]);
});

test('full collections are one entry each, restarts count anew, and another process adds its own', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a'))]);
  let at = NOW;
  const told = (fullGcs: number | undefined, lastAt?: number, startedAt = NOW - HOUR_MS) => {
    at += 2_000;
    store.tick(at);
    const lastFullGc = lastAt === undefined ? undefined : { at: NOW + lastAt, afterBytes: 5 };
    store.apply([heard(at, 1, { fullGcs, lastFullGc, startedAt })]);
  };
  const seen = () => store.fullGcs(SERVER).map((gc) => gc.at - NOW);
  told(3, -60_000);
  assert.deepEqual(seen(), [-60_000]);
  told(3, -60_200);
  told(4, 3_000);
  assert.deepEqual(seen(), [-60_000, 3_000]);
  told(4, 3_000);
  // Two more, of which only the last is told; then one without a time.
  told(6, 9_500);
  told(7, 9_500);
  assert.deepEqual(seen(), [-60_000, 3_000, 9_500, 12_000]);
  // The JVM began again: its one collection was while we looked, and its time is told.
  told(1, 13_000, NOW + 12_500);
  told(2, undefined, NOW + 12_500);
  assert.deepEqual(seen(), [-60_000, 3_000, 9_500, 12_000, 13_000, 16_000]);
  // The time may come one sample before the count.
  told(2, 17_500, NOW + 12_500);
  told(3, 17_500, NOW + 12_500);
  assert.deepEqual(seen().slice(5), [16_000, 17_500]);
  // Begun again, with more than before and no times: nobody knows when they were.
  told(9, undefined, NOW + 30_000);
  assert.equal(seen().length, 7);
  store.applyHistory([
    historyOf(
      [],
      [{ at: NOW - 200_000 }, { at: NOW + 3_400 }, { at: Number.NaN }, { at: at + HOUR_MS }, { at: -5 }],
    ),
  ]);
  assert.deepEqual(seen().slice(0, 3), [-200_000, -60_000, 3_000]);
  assert.equal(seen().length, 8);
});

test('a count without times marks the sample in which it grew; 32 are kept', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a'))]);
  for (let count = 0; count < 50; count++) {
    store.tick(NOW + count * 2_000);
    store.apply([heard(NOW + count * 2_000, 1, { fullGcs: count })]);
  }
  const seen = store.fullGcs(SERVER);
  assert.equal(seen.length, 32);
  assert.equal(seen.at(-1)?.at, NOW + 98_000);
  assert.equal(seen[0]?.at, NOW + 36_000);
});

test('what one store hands out makes another show the same', () => {
  const one = createStore();
  one.apply([putOf('instance', instanceOf('a'))]);
  for (let second = 0; second < 2_000; second += 2) {
    const at = NOW + second * 1_000;
    one.tick(at);
    const lastFullGc = { at: at - (at % 500_000), beforeBytes: 7 * MIB, afterBytes: second };
    one.apply([heard(at, second % 700, { lastFullGc })]);
  }
  one.apply([
    putOf('sender', senderOf('b', { sourceAddress: '10.9.9.9', jvm: undefined })),
    putOf('event', eventOf('old', { at: NOW, target: SENDER }, 'udp')),
    putOf('event', eventOf('new', { at: NOW + 1_000, target: SENDER }, 'udp')),
    putOf('event', eventOf('pod', { target: instanceOf('a').ref })),
  ]);
  const stock = one.stock('udp');
  assert.deepEqual(
    [...stock.events()].map(({ ref }) => ref.id),
    ['new', 'old'],
  );
  assert.equal([...stock.senders()].length, 2);
  const history = [...stock.history()];
  assert.deepEqual(
    history.map(({ sender }) => sender),
    [SENDER],
  );
  const other = createConsoleStore(
    storeOptionsOf([contextOf('prod'), contextOf('udp', 'udp')], { now: NOW + 1_998_000 }),
  );
  other.applyHistory(history);
  other.apply([...stock.senders()].map((sender) => putOf('sender', sender)));
  other.apply([putOf('instance', instanceOf('a'))]);
  for (const name of SERIES_NAMES) {
    assert.ok(one.series(SERVER, name).length > 290 || name === 'afterGc');
    for (const resolution of ['fine', 'coarse'] as const)
      assert.deepEqual(other.series(SERVER, name, resolution), one.series(SERVER, name, resolution));
  }
  assert.equal(one.fullGcs(SERVER).length, 5);
  assert.deepEqual(other.fullGcs(SERVER), one.fullGcs(SERVER));
  // What it took over, it hands on.
  assert.deepEqual([...other.stock('udp').history()], history);
  assert.deepEqual([...other.stock('elsewhere').history()], []);
});

test('at most 200 events are handed out, newest first', () => {
  const store = createStore();
  store.apply([
    heard(NOW, 1),
    ...Array.from({ length: 300 }, (_, index) =>
      putOf('event', eventOf(`e${index}`, { at: NOW + index, target: SENDER }, 'udp')),
    ),
  ]);
  const events = [...store.stock('udp').events()];
  assert.equal(events.length, 200);
  assert.equal(events[0]?.ref.id, 'e299');
});

test('merged in any order and number of parts, history says what each step was told of first', () => {
  const part = fc.record({
    from: fc.integer({ min: -350, max: 40 }),
    used: fc.array(fc.oneof(fc.integer({ min: 0, max: 99 }), fc.constant(Number.NaN)), { maxLength: 60 }),
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30, size: 'max' }), (parts) => {
      const pools = createSeriesPools();
      const series = new SeriesStore(pools);
      const expected = new Map<number, number>();
      for (const { from, used } of parts) {
        series.takeOver('a', { blocks: [blockOf(NOW + from * 2_000, used)], fullGcs: [] }, NOW);
        used.forEach((value, index) => {
          const step = from + index;
          if (Number.isNaN(value) || step > 30 || step <= -320 || expected.has(step)) return;
          expected.set(step, value);
        });
      }
      // The newest sixteen pages of twenty steps.
      const firstPage = Math.floor((NOW / 2_000 + Math.max(...expected.keys())) / 20) - 15;
      assert.deepEqual(
        series.points('a', 'heapUsed', 'fine'),
        [...expected]
          .filter(([step]) => Math.floor((NOW / 2_000 + step) / 20) >= firstPage)
          .sort(([a], [b]) => a - b)
          .map(([step, value]) => ({ at: NOW + step * 2_000, value })),
      );
      assert.ok(pools.six.inUse <= 16);
      series.delete('a');
      assert.equal(pools.six.inUse, 0);
    }),
    { numRuns: 150 },
  );
});

test('what is handed out ends with its sender', () => {
  const store = createStore();
  store.apply([heard(NOW, 1)]);
  assert.equal([...store.stock('udp').history()].length, 1);
  store.apply([dropOf('sender', SENDER)]);
  assert.equal([...store.stock('udp').history()].length, 0);
});
