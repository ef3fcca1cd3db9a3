import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SERIES_STEPS } from '../../src/domain/series.ts';
import { PAGE_STEPS, PagePool } from '../../src/store/series/page-pool.ts';
import { type Fold, highest, newest, SeriesRing, total } from '../../src/store/series/series-ring.ts';

const WIDTH = 3;
const FOLDS: readonly Fold[] = [newest, highest, total];
/** Steps as they are today: 2 s since 1970. */
const FIRST = 880_000_000;
const RINGS = 3;
const PAGES = { fine: 16, coarse: 13 } as const;

/** All steps ever written, in a map: what the ring must agree with. */
class NaiveRing {
  readonly #pages: number;
  readonly steps = new Map<number, number[]>();
  #last = -1;

  constructor(pages: number) {
    this.#pages = pages;
  }
  put(step: number, values: readonly number[]): void {
    if (!values.some(isLevel) || this.#isTooOld(step)) return;
    const isLate = step < this.#last;
    const known = this.steps.get(step) ?? [Number.NaN, Number.NaN, Number.NaN];
    this.steps.set(
      step,
      known.map((before, column) => {
        const value = values[column] ?? Number.NaN;
        if (!isLevel(value)) return before;
        if (Number.isNaN(before)) return Math.fround(value);
        if (column === 0) return isLate ? before : Math.fround(value);
        return Math.fround(column === 1 ? Math.max(before, value) : before + value);
      }),
    );
    this.#moveTo(step);
  }
  fill(step: number, values: readonly number[]): void {
    if (!values.some(isLevel) || this.#isTooOld(step)) return;
    if (!this.steps.has(step))
      this.steps.set(
        step,
        values.map((value) => (isLevel(value) ? Math.fround(value) : Number.NaN)),
      );
    this.#moveTo(step);
  }
  truncate(step: number): void {
    if (step >= this.#last) return;
    for (const known of this.steps.keys()) if (known > step) this.steps.delete(known);
    this.#last = Math.max(-1, ...this.steps.keys());
  }
  clear(): void {
    this.steps.clear();
    this.#last = -1;
  }
  #moveTo(step: number): void {
    this.#last = Math.max(this.#last, step);
    for (const known of this.steps.keys()) if (this.#isTooOld(known)) this.steps.delete(known);
  }
  #isTooOld(step: number): boolean {
    return (
      this.#last >= 0 && Math.floor(step / PAGE_STEPS) <= Math.floor(this.#last / PAGE_STEPS) - this.#pages
    );
  }
}
const isLevel = (value: number): boolean => value >= 0 && value <= 3.4e38;

const numberGiven = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 1_000 }) },
  { weight: 2, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.constantFrom(-1, Number.POSITIVE_INFINITY, 1e300, Number.NEGATIVE_INFINITY) },
);
const values = fc.array(numberGiven, { minLength: WIDTH, maxLength: WIDTH });
/** Mostly on by a step or two; late ones, gaps, and a clock a day off both ways. */
const pause = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 2 }) },
  { weight: 4, arbitrary: fc.integer({ min: 3, max: 60 }) },
  { weight: 4, arbitrary: fc.integer({ min: -330, max: -1 }) },
  { weight: 2, arbitrary: fc.integer({ min: 200, max: 400 }) },
  { weight: 1, arbitrary: fc.constantFrom(43_200, -43_200) },
);
const operation = fc.record({
  ring: fc.nat({ max: RINGS - 1 }),
  kind: fc.oneof(
    { weight: 20, arbitrary: fc.constant('put' as const) },
    { weight: 6, arbitrary: fc.constant('fill' as const) },
    { weight: 1, arbitrary: fc.constant('truncate' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  ),
  pause,
  values,
});

for (const resolution of ['fine', 'coarse'] as const) {
  test(`a ring of ${resolution} steps holds what a map of all steps holds, and pages serve one ring each`, () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 400, size: 'max' }), (operations) => {
        const pool = new PagePool(WIDTH);
        const rings = Array.from({ length: RINGS }, () => new SeriesRing(resolution, pool));
        const models = rings.map(() => new NaiveRing(PAGES[resolution]));
        let step = FIRST;
        for (const { ring: index, kind, pause: by, values: given } of operations) {
          const ring = rings[index];
          const model = models[index];
          if (ring === undefined || model === undefined) continue;
          step += by;
          switch (kind) {
            case 'put':
              ring.put(step, given, FOLDS);
              model.put(step, given);
              break;
            case 'fill':
              ring.fill(step, given, 0);
              model.fill(step, given);
              break;
            case 'truncate':
              ring.truncate(step);
              model.truncate(step);
              break;
            case 'clear':
              ring.clear();
              model.clear();
          }
        }
        assert.ok(pool.inUse <= RINGS * PAGES[resolution]);
        rings.forEach((ring, index) => {
          agree(ring, models[index] ?? new NaiveRing(0));
        });
        for (const ring of rings) ring.clear();
        assert.equal(pool.inUse, 0);
      }),
      { numRuns: 300 },
    );
  });
}

function agree(ring: SeriesRing, model: NaiveRing): void {
  const { stepMs } = SERIES_STEPS[ring.resolution];
  const steps = [...model.steps].sort(([a], [b]) => a - b);
  for (let column = 0; column < WIDTH; column++) {
    const expected = steps.flatMap(([step, known]) => {
      const value = known[column] ?? Number.NaN;
      return Number.isNaN(value) ? [] : [{ at: step * stepMs, value }];
    });
    assert.deepEqual(ring.points(column), expected);
    for (const [step, known] of steps) assert.equal(ring.valueAt(step, column), known[column]);
  }
  const block = ring.block();
  const [first] = steps[0] ?? [];
  const last = steps.at(-1)?.[0];
  assert.equal(block === undefined, first === undefined);
  if (block === undefined || first === undefined || last === undefined) return;
  assert.equal(block.fromAt, first * stepMs);
  assert.equal(block.values.length, (last - first + 1) * WIDTH);
  const held = Array.from({ length: last - first + 1 }, (_, index) => [
    ...block.values.subarray(index * WIDTH, (index + 1) * WIDTH),
  ]);
  const unknown = [Number.NaN, Number.NaN, Number.NaN];
  assert.deepEqual(
    held,
    held.map((_, index) => model.steps.get(first + index) ?? unknown),
  );
}

test('a block of one ring fills another to the same', () => {
  const pool = new PagePool(WIDTH);
  const one = new SeriesRing('fine', pool);
  for (let step = 0; step < 290; step += 3) one.put(FIRST + step, [step, 2, 3], FOLDS);
  const block = one.block();
  assert.ok(block !== undefined);
  const other = new SeriesRing('fine', pool);
  other.put(FIRST + 150, [7, 7, 7], FOLDS);
  for (let step = 0; step * WIDTH < block.values.length; step++)
    other.fill(one.stepOf(block.fromAt) + step, block.values, step * WIDTH);
  assert.deepEqual(
    other.points(0),
    one.points(0).map((point) => (point.at === (FIRST + 150) * 2_000 ? { ...point, value: 7 } : point)),
  );
});

test('silence and youth cost no pages', () => {
  const pool = new PagePool(WIDTH);
  const ring = new SeriesRing('fine', pool);
  assert.equal(pool.inUse, 0);
  ring.put(FIRST, [1, 1, 1], FOLDS);
  ring.put(FIRST + 250, [1, 1, 1], FOLDS);
  assert.equal(pool.inUse, 2);
  ring.put(FIRST + 100_000, [1, 1, 1], FOLDS);
  assert.equal(pool.inUse, 1);
  ring.put(FIRST + 100_001, [Number.NaN, -1, Number.POSITIVE_INFINITY], FOLDS);
  assert.equal(ring.lastStep, FIRST + 100_000);
});
