import type { Clock } from '../../src/core/clock.ts';

/** A clock that moves only when told; `advance` runs what falls due, in order, and lets promises settle between. */
export interface FakeClock extends Clock {
  advance(byMs: number): Promise<void>;
  /** Timers that wait. */
  readonly pending: number;
}

export function createFakeClock(startAt = 1_700_000_000_000): FakeClock {
  let now = startAt;
  let nextId = 0;
  const timers = new Map<number, { readonly at: number; readonly task: () => void }>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const due = (until: number) =>
    [...timers.entries()]
      .filter(([, { at }]) => at <= until)
      .sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  return {
    now: () => now,
    after(delayMs, task) {
      const id = nextId++;
      timers.set(id, { at: now + Math.max(0, delayMs), task });
      return () => timers.delete(id);
    },
    get pending() {
      return timers.size;
    },
    async advance(byMs) {
      const until = now + byMs;
      await settle();
      for (let next = due(until); next !== undefined; next = due(until)) {
        const [id, timer] = next;
        timers.delete(id);
        now = Math.max(now, timer.at);
        timer.task();
        await settle();
      }
      now = until;
      await settle();
    },
  };
}
