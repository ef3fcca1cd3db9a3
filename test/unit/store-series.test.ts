import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JvmSample } from '../../src/domain/jvm-sample.ts';
import { refOf } from '../../src/domain/ref.ts';
import { SERIES_NAMES, type SeriesName } from '../../src/domain/series.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { createSeriesPools, ServerSeries } from '../../src/store/series/server-series.ts';
import {
  contextOf,
  dropOf,
  HOUR_MS,
  instanceOf,
  jvmSampleOf,
  MIB,
  MINUTE_MS,
  NOW,
  putOf,
  registrationOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

const DAY_MS = 24 * HOUR_MS;

const readOf: Record<SeriesName, (sample: JvmSample) => number | undefined> = {
  heapUsed: ({ heap }) => heap?.usedBytes,
  heapMax: ({ heap }) => heap?.maxBytes,
  afterGc: ({ heap }) => heap?.afterGcBytes,
  gcTimePercent: ({ gcTimePercent }) => gcTimePercent,
  tps: ({ tps }) => tps,
  active: ({ active }) => active?.total,
};

const figure = fc.option(fc.integer({ min: 0, max: 4_000 }), { nil: undefined, freq: 6 });
const reading = fc.record({
  /** Since the one before: mostly a cycle with its tremble, at times silence. */
  afterMs: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 1_700, max: 2_300 }) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 2_000_000 }) },
  ),
  /** What the sample's own instant is off by. */
  offMs: fc.oneof(
    { weight: 40, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(DAY_MS, -DAY_MS, 61_000, Number.NaN) },
  ),
  used: figure,
  max: figure,
  after: figure,
  gc: figure,
  tps: figure,
  active: figure,
});

test('both resolutions say what all samples together say, whatever clocks do', () => {
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 600, size: 'max' }), (readings) => {
      const series = new ServerSeries(createSeriesPools());
      const kept: JvmSample[] = [];
      let now = NOW;
      for (const { afterMs, offMs, used, max, after, gc, tps, active } of readings) {
        now += afterMs;
        const sample: JvmSample = {
          source: 'lena',
          at: now + offMs,
          heap: { usedBytes: used, maxBytes: max, afterGcBytes: after },
          gcTimePercent: gc,
          tps,
          active: { total: active },
        };
        series.keep(sample, now);
        if (offMs === 0 || offMs === -DAY_MS) kept.push(sample);
      }
      for (const name of SERIES_NAMES) {
        assert.deepEqual(series.points(name, 'fine'), expectedOf(kept, name, 2_000, 16), `fine ${name}`);
        assert.deepEqual(series.points(name, 'coarse'), expectedOf(kept, name, 30_000, 13), `coarse ${name}`);
      }
    }),
    { numRuns: 60 },
  );
});

/** The last value of each fine step and the highest of each coarse one, of the pages of 20 steps that are kept. */
function expectedOf(samples: readonly JvmSample[], name: SeriesName, stepMs: number, pages: number) {
  const steps = new Map<number, number>();
  let newestAt = 0;
  let last = -1;
  for (const sample of samples) {
    if (sample.at <= newestAt) continue;
    newestAt = sample.at;
    const step = Math.floor(sample.at / stepMs);
    if (SERIES_NAMES.some((each) => readOf[each](sample) !== undefined)) last = Math.max(last, step);
    const value = readOf[name](sample);
    if (value === undefined) continue;
    const before = steps.get(step);
    const isHighest = stepMs > 2_000 && name !== 'afterGc';
    steps.set(step, isHighest && before !== undefined ? Math.max(before, value) : value);
  }
  return [...steps]
    .filter(([step]) => Math.floor(step / 20) > Math.floor(last / 20) - pages)
    .map(([step, value]) => ({ at: step * stepMs, value }));
}

test('after the clock went back a day, samples are kept at once and nothing of the future stays', () => {
  const pools = createSeriesPools();
  const series = new ServerSeries(pools);
  const keep = (at: number, used: number) => series.keep(jvmSampleOf({ at, heap: { usedBytes: used } }), at);
  keep(NOW + DAY_MS, 1);
  keep(NOW + DAY_MS + 2_000, 2);
  keep(NOW, 3);
  keep(NOW + 2_000, 4);
  assert.deepEqual(series.points('heapUsed', 'fine'), [
    { at: NOW, value: 3 },
    { at: NOW + 2_000, value: 4 },
  ]);
  assert.deepEqual(series.points('heapUsed', 'coarse'), [{ at: NOW, value: 4 }]);
});

test('after a small step back of the clock nothing is told twice', () => {
  const series = new ServerSeries(createSeriesPools());
  const keep = (afterMs: number, used: number) =>
    series.keep(jvmSampleOf({ at: NOW + afterMs, heap: { usedBytes: used } }), NOW + afterMs);
  keep(0, 1);
  keep(40_000, 2);
  keep(10_000, 3);
  keep(42_000, 4);
  assert.deepEqual(
    series.points('heapUsed', 'fine').map(({ at, value }) => [at - NOW, value]),
    [
      [0, 1],
      [40_000, 2],
      [42_000, 4],
    ],
  );
});

test('two hours are kept by half minutes, the newest as far as it got', () => {
  const series = new ServerSeries(createSeriesPools());
  for (let second = 0; second <= 3 * 3_600 + 10; second += 2) {
    const at = NOW + second * 1_000;
    series.keep(jvmSampleOf({ at, heap: { usedBytes: second, afterGcBytes: 100 - (second % 30) } }), at);
  }
  const used = series.points('heapUsed', 'coarse');
  assert.ok(used.length >= 240 && used.length <= 260, `${used.length}`);
  assert.deepEqual(used.at(-1), { at: NOW + 3 * HOUR_MS, value: 3 * 3_600 + 10 });
  assert.deepEqual(used.at(-2), { at: NOW + 3 * HOUR_MS - 30_000, value: 3 * 3_600 - 2 });
  assert.deepEqual(series.points('afterGc', 'coarse').at(-2)?.value, 100 - 28);
});

const createStore = () =>
  createConsoleStore(
    storeOptionsOf([
      contextOf('prod'),
      contextOf('mgr', 'manager', { serves: ['prod'] }),
      contextOf('udp', 'udp'),
    ]),
  );
const heard = (at: number, used: number, more = {}) =>
  putOf(
    'sender',
    senderOf('a', {
      jvm: jvmSampleOf({ at, heap: { usedBytes: used * MIB, maxBytes: 1_024 * MIB } }),
      heartbeat: { at, perMinute: 30, rejected: 0, intervalMs: 2_000 },
      ...more,
    }),
  );
const SERVER = refOf('server', 'prod', 'shop/a');

test('a pod that takes the place of another begins its history anew; a container that restarts does not', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a', { uid: 'one' })), heard(NOW, 1)]);
  store.apply([putOf('instance', instanceOf('a', { uid: 'one', restarts: 1 })), heard(NOW + 2_000, 2)]);
  assert.equal(store.series(SERVER, 'heapUsed').length, 2);
  store.apply([putOf('instance', instanceOf('a', { uid: 'two' }))]);
  assert.deepEqual(store.series(SERVER, 'heapUsed'), []);
  assert.deepEqual(store.series(SERVER, 'heapUsed', 'coarse'), []);
  // The last sample of the pod before is not the first of this one.
  store.apply([heard(NOW + 2_000, 2)]);
  assert.deepEqual(store.series(SERVER, 'heapUsed'), []);
  store.apply([heard(NOW + 6_000, 3)]);
  assert.deepEqual(store.series(SERVER, 'heapUsed'), [{ at: NOW + 6_000, value: 3 * MIB }]);
});

test('history goes with a row from sender to registration and back, and on to the instance', () => {
  const store = createStore();
  const registration = registrationOf('a');
  const alone = refOf('server', 'udp', senderOf('a').ref.id);
  const listed = refOf('server', 'mgr', registration.ref.id);
  const shown = () =>
    [alone, listed, SERVER].map((ref) => store.series(ref, 'heapUsed').map(({ value }) => value / MIB));
  store.apply([heard(NOW, 1)]);
  assert.deepEqual(shown(), [[1], [], []]);
  store.apply([putOf('registration', registration), heard(NOW + 2_000, 2)]);
  assert.deepEqual(shown(), [[], [1, 2], []]);
  store.apply([dropOf('registration', registration.ref), heard(NOW + 4_000, 3)]);
  assert.deepEqual(shown(), [[1, 2, 3], [], []]);
  store.apply([putOf('registration', registration), heard(NOW + 6_000, 4)]);
  store.apply([putOf('instance', instanceOf('a')), heard(NOW + 8_000, 5)]);
  assert.deepEqual(shown(), [[], [], [1, 2, 3, 4, 5]]);
});

test('figures that only a Manager has are kept, and its registration takes them to the instance', () => {
  const store = createStore();
  const listedAt = (at: number) =>
    putOf('registration', registrationOf('a', { jvm: jvmSampleOf({ source: 'manager', at }) }));
  store.apply([listedAt(NOW)]);
  store.tick(NOW + 15_000);
  store.apply([listedAt(NOW + 15_000)]);
  store.apply([putOf('instance', instanceOf('a'))]);
  assert.deepEqual(
    store.series(SERVER, 'tps').map(({ at }) => at - NOW),
    [0, 14_000],
  );
});

test('a sender that loses its server to another stands alone without the history of both', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a')), heard(NOW, 1)]);
  // Another server on the same host name: the one heard longer stays, the other is a row of its own.
  const other = senderOf('a', {
    serverName: 'tomcat2',
    jvm: jvmSampleOf({ at: NOW + 2_000, heap: { usedBytes: 9 * MIB } }),
    heartbeat: { at: NOW + 2_000, perMinute: 30, rejected: 0, intervalMs: 2_000 },
  });
  store.apply([putOf('sender', other), heard(NOW + 2_000, 2)]);
  const { rows } = store.state.getState().tables.server;
  assert.equal(rows.size, 2);
  const shown = [...rows.values()].map(({ ref }) => store.series(ref, 'heapUsed').map((p) => p.value / MIB));
  assert.deepEqual(
    shown.sort((a, b) => b.length - a.length),
    [[1, 2], [9]],
  );
});

test('a sender displaced by another leaves the history with the server it spoke for', () => {
  const store = createStore();
  const saidBy = (serverName: string, afterMs: number, used: number) =>
    putOf(
      'sender',
      senderOf('a', {
        serverName,
        jvm: jvmSampleOf({ at: NOW + afterMs, heap: { usedBytes: used } }),
        heartbeat: { at: NOW + afterMs, perMinute: 30, rejected: 0, intervalMs: 2_000 },
      }),
    );
  store.apply([putOf('instance', instanceOf('a')), saidBy('tomcat2', 0, 1)]);
  store.apply([saidBy('tomcat1', 2_000, 2), saidBy('tomcat2', 2_000, 9)]);
  const alone = refOf('server', 'udp', senderOf('a', { serverName: 'tomcat2' }).ref.id);
  const shown = [SERVER, alone].map((ref) => store.series(ref, 'heapUsed').map(({ value }) => value));
  assert.deepEqual(shown, [[1, 2], [9]]);
});

test('a sender that names a new instance instead of one that went begins anew there', () => {
  const store = createStore();
  const next = instanceOf('b', { hostNames: ['a'], uid: 'two' });
  store.apply([putOf('instance', instanceOf('a', { uid: 'one' })), heard(NOW, 1)]);
  store.apply([dropOf('instance', instanceOf('a').ref), putOf('instance', next), heard(NOW + 2_000, 2)]);
  const server = refOf('server', 'prod', 'shop/b');
  assert.equal(store.state.getState().tables.server.rows.get('prod\nshop/b')?.jvm?.at, NOW + 2_000);
  assert.deepEqual(
    store.series(server, 'heapUsed').map(({ value }) => value / MIB),
    [2],
  );
});

test('a server that ends takes its pages with it', () => {
  const store = createStore();
  store.apply([putOf('instance', instanceOf('a')), heard(NOW, 1)]);
  store.apply([dropOf('instance', instanceOf('a').ref), dropOf('sender', senderOf('a').ref)]);
  assert.deepEqual(store.series(SERVER, 'heapUsed'), []);
  assert.deepEqual(store.fullGcs(SERVER), []);
  store.tick(NOW + MINUTE_MS);
  store.apply([putOf('instance', instanceOf('a'))]);
  assert.deepEqual(store.series(SERVER, 'heapUsed'), []);
});
