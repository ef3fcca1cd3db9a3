import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { heapGrowthOf, MAX_POINTS, withPoint } from '../../src/diagnosis/gc/heap-growth.ts';
import { levelAt, medianSlope, type TimedValue } from '../../src/diagnosis/gc/line-fit.ts';
import { openHealth } from '../support/health-stage.ts';
import { MIB, NOW } from '../support/store-entities.ts';

const MAX = 1_000 * MIB;
const MINUTE = 60_000;
const OPTIONS = { maxBytes: MAX, horizonMs: 240 * MINUTE };

const pointsOf = (values: readonly number[], stepMinutes = 2): readonly TimedValue[] =>
  values.map((value, index) => ({ at: NOW + index * stepMinutes * MINUTE, value: value * MIB }));
const gathered = (points: readonly TimedValue[]): readonly TimedValue[] =>
  points.reduce<readonly TimedValue[]>((kept, point) => withPoint(kept, point, OPTIONS), []);
const minutesToFull = (points: readonly TimedValue[]): number | undefined => {
  const growth = heapGrowthOf(gathered(points), MAX);
  return growth === undefined ? undefined : Math.round((growth.fullAt - growth.lastAt) / MINUTE);
};

test('the slope is that of the line, whatever a quarter of the points say', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1_000, max: 1_000 }),
      fc.integer({ min: 8, max: MAX_POINTS }),
      fc.array(fc.tuple(fc.nat({ max: MAX_POINTS }), fc.double({ min: -1e9, max: 1e9, noNaN: true })), {
        maxLength: 32,
      }),
      (slope, count, liars) => {
        const values = Array.from({ length: count }, (_, index) => slope * index);
        const places = new Map(liars.map(([place, value]) => [place % count, value]));
        const wrong = [...places].slice(0, Math.floor(count / 8));
        for (const [place, value] of wrong) values[place] = value;
        const found = medianSlope(values.map((value, at) => ({ at, value }))) ?? Number.NaN;
        if (wrong.length === 0) assert.ok(Math.abs(found - slope) < 1e-6);
        // Pairs without a liar are more than half of all, so the median lies within their (one) slope's neighbourhood.
        const honest = count - wrong.length;
        if (honest * (honest - 1) > (count * (count - 1)) / 2) assert.ok(Math.abs(found - slope) < 1e-6);
      },
    ),
  );
});

test('the line’s level and slope move and stretch with the points', () => {
  const anyPoints = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 100_000 }), value: fc.integer({ min: 0, max: 100_000 }) }),
    { minLength: 2, maxLength: 16 },
  );
  fc.assert(
    fc.property(
      anyPoints,
      fc.integer({ min: 1, max: 50 }),
      fc.nat({ max: 1_000 }),
      (points, factor, shift) => {
        const slope = medianSlope(points);
        const moved = points.map(({ at, value }) => ({ at: at + shift, value: value * factor }));
        if (slope === undefined) {
          assert.equal(new Set(points.map(({ at }) => at)).size, 1);
          return;
        }
        const stretched = medianSlope(moved) ?? Number.NaN;
        assert.ok(Math.abs(stretched - slope * factor) <= 1e-6 * Math.max(1, Math.abs(slope * factor)));
        const level = levelAt(points, slope, 0) ?? Number.NaN;
        assert.ok(level >= Math.min(...points.map(({ at, value }) => value - slope * at)) - 1e-6);
      },
    ),
  );
});

test('a steady leak is found with its time to full, through noise', () => {
  assert.equal(minutesToFull(pointsOf([400, 410, 420, 430])), 114);
  assert.equal(minutesToFull(pointsOf([400, 414, 417, 433, 438, 452, 461, 468])), 112);
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 20 }),
      fc.integer({ min: 12, max: 40 }),
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 40, maxLength: 40 }),
      (perStep, count, noise) => {
        const values = Array.from(
          { length: count },
          (_, index) => 100 + perStep * index + (noise[index] ?? 0),
        );
        const points = pointsOf(values);
        const exact = (2 * (MAX / MIB - (100 + perStep * (count - 1)))) / perStep;
        const found = minutesToFull(points) ?? Number.NaN;
        assert.ok(found >= exact * 0.8 - 3 && found <= exact * 1.35 + 3, `${found} for ${exact}`);
      },
    ),
  );
});

const FLAT: readonly (readonly [what: string, values: readonly number[]])[] = [
  ['few collections', [400, 450, 500]],
  ['a jump', [400, 400, 700, 700]],
  ['a jump at the end', [400, 401, 402, 403, 700]],
  ['a jump in noise', [400, 404, 398, 402, 700, 706, 699, 703, 701]],
  ['a warm-up that came to rest', [100, 250, 380, 470, 500, 500, 501, 500, 501, 500]],
  ['a warm-up in two steps', [100, 100, 101, 300, 300, 301, 300, 500, 501, 500, 500, 501]],
  ['noise', [400, 430, 390, 420, 400, 440, 410, 395, 425]],
  ['a heap that is freed', [700, 650, 600, 550, 500]],
  ['growth too small to tell', [400, 401, 402, 403]],
  ['a saw', [400, 500, 600, 400, 500, 600, 400, 500, 600]],
];
for (const [what, values] of FLAT) {
  test(`${what} is no leak`, () => assert.equal(minutesToFull(pointsOf(values)), undefined));
}

test('four collections within a short time are no trend', () => {
  assert.equal(minutesToFull(pointsOf([400, 500, 600, 700], 1)), undefined);
  assert.notEqual(minutesToFull(pointsOf([400, 500, 600, 700], 2)), undefined);
});

test('points stay bounded, in order and within the horizon, and a freed heap starts anew', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -5_000, max: 600_000 }), fc.integer({ min: 0, max: MAX })), {
        maxLength: 200,
      }),
      (steps) => {
        let kept: readonly TimedValue[] = [];
        let at = NOW;
        for (const [step, value] of steps) {
          at += step;
          const before = kept;
          kept = withPoint(before, { at, value }, OPTIONS);
          assert.ok(kept.length > 0 && kept.length <= MAX_POINTS && kept.length <= before.length + 1);
          assert.deepEqual(kept.at(-1), { at, value });
          assert.ok(kept.every((one, index) => index === 0 || one.at > (kept[index - 1]?.at ?? 0)));
          assert.ok(kept.every((one) => one.at >= at - OPTIONS.horizonMs));
          heapGrowthOf(kept, MAX);
        }
      },
    ),
  );
  assert.equal(gathered(pointsOf([400, 450, 500, 550, 300])).length, 1);
  assert.equal(gathered(pointsOf([400, 450, 500, 550, 530])).length, 5);
});

test('collections a few seconds apart still tell of hours', () => {
  const many = Array.from({ length: 2_000 }, (_, index) => ({
    at: NOW + index * 5_000,
    value: (300 + index * 0.1) * MIB,
  }));
  const kept = gathered(many);
  assert.equal(kept.length, MAX_POINTS);
  assert.ok((kept.at(-1)?.at ?? 0) - (kept[0]?.at ?? 0) > 100 * MINUTE);
  assert.ok(Math.abs((minutesToFull(many) ?? 0) - 417) < 15);
});

/** What full collections every two minutes leave, in MiB of 1,000. */
function hearLeft(stage: ReturnType<typeof openHealth>, values: readonly number[], fromMinute = 0): number {
  let second = 0;
  for (const [index, value] of values.entries()) {
    second = (fromMinute + index * 2) * 60;
    const afterBytes = value * MIB;
    stage.hear(second, {
      heap: { usedBytes: 990 * MIB, maxBytes: MAX, afterGcBytes: afterBytes },
      lastFullGc: { at: NOW + second * 1_000, afterBytes },
    });
  }
  return second;
}

test('a suspected leak says how long is left, is an error when that is short, and ends with a drop', () => {
  const stage = openHealth();
  const end = hearLeft(stage, [400, 410, 420, 430]);
  const found = stage.reason(end, 'heap-growth');
  assert.equal(found?.level, 'warn');
  assert.match(found?.text.en ?? '', /of was-1 grows by 5\.0 MiB\/min: full in about 1 h 50 min/);
  assert.match(found?.text.ko ?? '', /약 1시간 50분 후 가득 참/);
  const near = hearLeft(stage, [500, 600, 700, 800, 900], 8);
  assert.equal(stage.reason(near, 'heap-growth')?.level, 'error');
  const dropped = hearLeft(stage, [300], 20);
  assert.ok(stage.reason(dropped, 'heap-growth')?.endsAt !== undefined);
  assert.equal(stage.reason(dropped + 30, 'heap-growth'), undefined);
});

test('a restart ends a suspected leak at once', () => {
  const stage = openHealth();
  const end = hearLeft(stage, [400, 410, 420, 430]);
  assert.ok(stage.reason(end, 'heap-growth') !== undefined);
  stage.observe(end + 2, { restarts: 1 });
  assert.equal(stage.reason(end + 2, 'heap-growth'), undefined);
});

test('growth that would take longer than the configured time is no reason', () => {
  const stage = openHealth({ growthMs: 3_600_000 });
  assert.equal(stage.reason(hearLeft(stage, [400, 410, 420, 430]), 'heap-growth'), undefined);
});

test('an estimate nobody confirms any more goes by time alone', () => {
  const stage = openHealth();
  const end = hearLeft(stage, [400, 410, 420, 430]);
  assert.ok(stage.dues.includes(end + 600));
  assert.ok(stage.reason(end + 599, 'heap-growth') !== undefined);
  assert.ok(stage.reason(end + 600, 'heap-growth')?.endsAt !== undefined);
  assert.equal(stage.reason(end + 630, 'heap-growth'), undefined);
});

test('a JVM that never collects its old generation is not judged by it', () => {
  const stage = openHealth();
  for (let second = 0; second < 3_600; second += 10) {
    const usedBytes = (100 + second / 4) * MIB;
    const health = stage.hear(second, { heap: { usedBytes, maxBytes: MAX } });
    assert.deepEqual(health.reasons, [], `${second} s`);
  }
});
