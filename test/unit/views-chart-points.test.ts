import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRelated } from '../../src/app/view-context.ts';
import type { SeriesPoint } from '../../src/domain/series.ts';
import type { Server } from '../../src/domain/server.ts';
import { createConsoleStore } from '../../src/store/console-store.ts';
import { chartSeries, percentPoints, pointsOf } from '../../src/views/chart-points.ts';
import type { Related, ViewContext } from '../../src/views/view.ts';
import {
  contextOf,
  instanceOf,
  MINUTE_MS,
  NOW,
  putOf,
  senderOf,
  storeOptionsOf,
} from '../support/store-entities.ts';

/** A server heard every `intervalMs`, with ten minutes of every sample and two hours of half minutes. */
function world(intervalMs = 2_000) {
  const store = createConsoleStore(storeOptionsOf([contextOf('prod'), contextOf('udp', 'udp')]));
  const sender = senderOf('was-0', { sourceAddress: '10.42.0.10' });
  store.apply([
    putOf('instance', instanceOf('was-0', { addresses: ['10.42.0.10'] })),
    putOf('sender', { ...sender, heartbeat: { ...sender.heartbeat, intervalMs } }),
  ]);
  const steps = (stepMs: number, spanMs: number): SeriesPoint[] =>
    Array.from({ length: spanMs / stepMs }, (_, index) => ({
      at: NOW - spanMs + index * stepMs,
      value: stepMs,
    }));
  const series: Related['series'] = (_, __, resolution) =>
    resolution === 'coarse' ? steps(30_000, 120 * MINUTE_MS) : steps(2_000, 10 * MINUTE_MS);
  const context: ViewContext = {
    now: NOW,
    language: 'en',
    isUtc: true,
    levels: { middle: 0.6, high: 0.8 },
    related: { ...createRelated(store), series },
  };
  const [server] = store.state.getState().tables.server.rows.values();
  assert.ok(server !== undefined);
  return { context, server };
}
const query = (server: Server, minutes: number) => ({
  server,
  window: { fromAt: NOW - minutes * MINUTE_MS, toAt: NOW },
});

test('up to ten minutes every sample is shown, beyond half minutes and the samples after them', () => {
  const { context, server } = world();
  const short = pointsOf('tps', query(server, 10), context);
  assert.ok(short.every(({ value }) => value === 2_000));
  const long = pointsOf('tps', query(server, 60), context);
  const split = NOW - 10 * MINUTE_MS;
  assert.ok(long.every(({ at, value }) => value === (at < split ? 30_000 : 2_000)));
  assert.ok(
    long.every(({ at }, index) => index === 0 || at > (long[index - 1]?.at ?? 0)),
    'in order, none twice',
  );
  assert.ok((long[0]?.at ?? NOW) <= NOW - 60 * MINUTE_MS);
});

test('what counts as silence follows the rhythm of the sender and of what is kept', () => {
  const silenceMs = (intervalMs: number, minutes: number) => {
    const { context, server } = world(intervalMs);
    return chartSeries('', [], { query: query(server, minutes), context }).silenceMs;
  };
  assert.equal(silenceMs(2_000, 5), 6_000);
  assert.equal(silenceMs(500, 5), 6_000, 'no finer than the steps that are kept');
  assert.equal(silenceMs(10_000, 5), 30_000);
  assert.equal(silenceMs(2_000, 60), 32_000, 'half minutes follow each other without silence');
  assert.equal(silenceMs(20_000, 60), 60_000);
});

test('a share is of the limit that held at its instant', () => {
  const at = (second: number, value: number): SeriesPoint => ({ at: second * 1_000, value });
  const used = [at(0, 5), at(1, 10), at(2, 10), at(3, 30), at(4, 30)];
  const limits = [at(1, 100), at(3, 60)];
  assert.deepEqual(percentPoints(used, limits), [at(1, 10), at(2, 10), at(3, 50), at(4, 50)]);
  assert.deepEqual(percentPoints(used, []), []);
  assert.deepEqual(percentPoints(used, [at(0, 0)]), []);
});
