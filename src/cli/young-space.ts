import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Both halves together. */
const ENOUGH_BYTES = 16 * 1_048_576;

const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;

/**
 * Keeps V8 from giving young objects ever more room: where much is read at once it takes 128 MiB, and collecting that
 * is a longer pause. How large that room may be only a flag of `node` says; how fast it grows can be said at any time.
 */
export function boundYoungSpace(): void {
  let isHeld = false;
  new PerformanceObserver(() => {
    const isEnough = youngBytes() >= ENOUGH_BYTES;
    if (isEnough === isHeld) return;
    isHeld = isEnough;
    // V8 makes it smaller by itself when little happens; then it may grow again.
    setFlagsFromString(`--semi-space-growth-factor=${isEnough ? 1 : 2}`);
  }).observe({ entryTypes: ['gc'] });
}
