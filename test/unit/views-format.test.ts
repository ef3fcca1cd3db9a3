import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAge, formatDataAge } from '../../src/views/format-age.ts';
import { bar } from '../../src/views/format-bar.ts';
import {
  formatBytes,
  formatNumber,
  formatOf,
  formatPercent,
  percentOf,
} from '../../src/views/format-number.ts';
import { formatClock, formatInstant, isoTime } from '../../src/views/format-time.ts';
import { known } from '../../src/views/known.ts';

test('ages move in steps', () => {
  const seen = [0, 9_999, 10_000, 29_999, 30_000, 60_000, 119_999, 7_199_999, 7_200_000, 172_800_000];
  assert.deepEqual(seen.map(formatDataAge), [
    'live',
    'live',
    '10s',
    '10s',
    '30s',
    '1m',
    '1m',
    '119m',
    '2h',
    '2d',
  ]);
  assert.equal(formatAge(3_000), '<10s');
});

test('what is not known is n/a, never 0', () => {
  for (const format of [formatBytes, formatNumber, formatPercent]) {
    assert.equal(format(undefined), 'n/a');
    assert.equal(format(Number.NaN), 'n/a');
    assert.notEqual(format(0), 'n/a');
  }
  assert.equal(percentOf(5, 0), undefined);
  assert.equal(percentOf(undefined, 5), undefined);
  assert.equal(formatOf(3, undefined), '3/?');
  assert.equal(formatOf(undefined, undefined), 'n/a');
});

test('sizes and numbers keep their unit and no false precision', () => {
  assert.equal(formatBytes(1_023), '1023 B');
  assert.equal(formatBytes(1.5 * 2 ** 30), '1.5 GiB');
  assert.equal(formatBytes(512 * 2 ** 20), '512 MiB');
  assert.equal(formatNumber(1_234.6), '1 235');
  assert.equal(formatNumber(41.23), '41.2');
  assert.equal(bar(0, 8), '▁▁▁▁▁▁▁▁');
  assert.equal(bar(1, 8), '▇▁▁▁▁▁▁▁');
  assert.equal(bar(250, 4), '▇▇▇▇');
});

test('instants are UTC where asked, and impossible ones do not throw', () => {
  const at = Date.UTC(2026, 0, 15, 5, 0, 0);
  assert.equal(formatInstant(at, true), '2026-01-15 05:00:00Z');
  assert.equal(formatInstant(9e15, true), 'n/a');
  assert.equal(isoTime(at), '2026-01-15T05:00:00.000Z');
  assert.equal(isoTime(9e15), undefined);
  assert.equal(formatClock(at, true), '05:00 UTC');
});

test('known leaves out what is not known, also inside', () => {
  assert.deepEqual(known({ a: 1, b: undefined, c: { d: undefined }, e: [], f: { g: 0 } }), {
    a: 1,
    e: [],
    f: { g: 0 },
  });
});

test('known keeps a member whatever its name', () => {
  const sent: Record<string, unknown> = JSON.parse('{"counters": {"__proto__": {"value": 7}}}');
  assert.equal(JSON.stringify(known(sent)), '{"counters":{"__proto__":{"value":7}}}');
});
