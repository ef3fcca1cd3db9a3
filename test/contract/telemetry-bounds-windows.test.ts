import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GcWindow } from '../../src/sources/telemetry/gc-window.ts';
import { CountRate } from '../../src/sources/telemetry/l9s/l9s-rates.ts';
import { PauseWindow } from '../../src/sources/telemetry/pause-window.ts';
import { RejectReasons } from '../../src/sources/telemetry/reject-reasons.ts';
import { RequestWindow } from '../../src/sources/telemetry/statsd/request-window.ts';
import { ValueBudget } from '../../src/sources/telemetry/value-budget.ts';

test('pauses are those of the last ten minutes, by nearest rank', () => {
  const pauses = new PauseWindow();
  assert.equal(pauses.timesAt(0), undefined);
  for (let index = 1; index <= 100; index++) pauses.add(index * 1_000, index);
  assert.deepEqual(pauses.timesAt(100_000), { count: 100, p50Ms: 50, p95Ms: 95, p99Ms: 99, maxMs: 100 });
  // Those of the first fifty seconds are ten minutes old then.
  assert.deepEqual(pauses.timesAt(650_000), { count: 50, p50Ms: 75, p95Ms: 98, p99Ms: 100, maxMs: 100 });
  assert.equal(pauses.timesAt(800_000), undefined);
});

test('of more pauses than are kept the newest stay, within the budget of all senders', () => {
  const pauses = new PauseWindow();
  for (let index = 0; index < 2_000; index++) pauses.add(index, index);
  assert.deepEqual(pauses.timesAt(2_000), {
    count: 512,
    p50Ms: 1_743,
    p95Ms: 1_974,
    p99Ms: 1_994,
    maxMs: 1_999,
  });
  const budget = new ValueBudget(3);
  const poor = new PauseWindow(budget);
  for (let index = 0; index < 100; index++) poor.add(index, index);
  // Two units of sixteen; four were more than there is.
  assert.deepEqual([poor.timesAt(100)?.count, budget.held], [32, 2]);
  const none = new PauseWindow(new ValueBudget(0));
  none.add(1, 1);
  assert.equal(none.timesAt(1), undefined);
  poor.clear();
  assert.equal(budget.held, 0);
});

test('an interval is told once for each sample, and the same again for the same sample', () => {
  const window = new GcWindow();
  assert.equal(window.intervalOf(1), undefined);
  window.add({ at: 2, coveredMs: 2_000, count: 1, timeMs: 10 });
  window.add({ at: 3, coveredMs: 2_000, count: 2, timeMs: 30 });
  const both = { coveredMs: 4_000, count: 3, timeMs: 40 };
  assert.deepEqual([window.intervalOf(3), window.intervalOf(3)], [both, both]);
  assert.equal(window.intervalOf(4), undefined);
  assert.deepEqual([window.perMinute, window.timePercent], [45, 1]);
});

test('a rate begins anew where its count or its clock goes back', () => {
  const rate = new CountRate();
  const at = (upMs: number, value: number | undefined) => {
    rate.add(upMs, value);
    return rate.perSecond;
  };
  assert.deepEqual([at(0, 100), at(2_000, 120), at(2_000, 130)], [undefined, 10, 15]);
  assert.deepEqual(
    [at(4_000, undefined), at(6_000, 5), at(8_000, 25), at(1_000, 30)],
    [15, undefined, 10, undefined],
  );
  // Of a long life the last minute counts.
  for (let second = 2; second <= 200; second++) rate.add(second * 1_000, second < 100 ? 30 : 30 + second);
  assert.equal(rate.perSecond, 1);
});

test('requests are those of the last thirty seconds', () => {
  const requests = new RequestWindow();
  assert.equal(requests.ratesAt(0), undefined);
  for (let second = 0; second < 60; second++)
    requests.add(second * 1_000, 20, { weight: 2, isError: second % 4 === 0 });
  const rates = requests.ratesAt(59_999);
  assert.deepEqual([rates?.tps, rates?.meanMs], [2, 20]);
  assert.ok(rates?.errorPercent !== undefined && Math.abs(rates.errorPercent - 25) < 2);
  assert.deepEqual(requests.ratesAt(120_000), { tps: 0, meanMs: undefined, errorPercent: undefined });
});

test('reasons that differ only in where a datagram broke are one', () => {
  const reasons = new RejectReasons(2);
  for (const reason of ['lena: cut at byte 4', 'lena: cut at byte 90', 'b', 'c', 'd']) reasons.add(reason);
  assert.deepEqual(reasons.toList(), [
    { reason: 'lena: cut', count: 2 },
    { reason: 'other reasons', count: 2 },
    { reason: 'b', count: 1 },
  ]);
});
