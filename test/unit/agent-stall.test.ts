import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClockPace } from '../../src/agent/clock-pace.ts';

/** Readings every half second of a JVM that is up for so long each time. */
function read(pace: ClockPace, upTimes: readonly number[], from = 0): number {
  for (const [index, upMs] of upTimes.entries()) pace.take(upMs, from + index * 500);
  return from + upTimes.length * 500;
}
const moving = (count: number): number[] => Array.from({ length: count }, (_, index) => 1_000 + index * 500);

describe('a clock read from outside', () => {
  test('that moves does not stand still', () => {
    const pace = new ClockPace();
    read(pace, moving(20));
    assert.equal(pace.stalledMs, 0);
  });
  test('that moved steadily and stops is told, for how long, until it moves again', () => {
    const pace = new ClockPace();
    const at = read(pace, moving(20));
    read(pace, new Array<number>(11).fill(10_500), at);
    assert.equal(pace.stalledMs, 5_500);
    pace.take(20_000, at + 6_000);
    assert.equal(pace.stalledMs, 0);
  });
  test('one missed step is none', () => {
    const pace = new ClockPace();
    const at = read(pace, moving(20));
    pace.take(10_500, at);
    assert.equal(pace.stalledMs, 0);
  });
  test('read twice in a moment is none either', () => {
    const pace = new ClockPace();
    for (const [index, upMs] of moving(20).entries()) {
      pace.take(upMs, index * 500);
      pace.take(upMs, index * 500 + 10);
    }
    assert.equal(pace.stalledMs, 0);
  });
  test('of a JVM that writes it only now and then tells nothing', () => {
    const pace = new ClockPace();
    read(
      pace,
      Array.from({ length: 60 }, (_, index) => Math.floor(index / 5) * 1_000),
    );
    assert.equal(pace.stalledMs, undefined);
  });
});
