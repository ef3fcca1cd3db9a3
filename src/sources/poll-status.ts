import type { Clock } from '../core/clock.ts';
import type { Sink } from '../domain/ports.ts';
import type { SourceFailure, SourceStatus } from '../domain/source-status.ts';

export interface BadPoll {
  readonly failure: SourceFailure;
  /** Epoch ms of the next attempt. */
  readonly retryAt: number;
  /** Retrying cannot help until somebody acts. */
  readonly isDenied: boolean;
}

/**
 * What a polling source says of itself. One missed poll after good ones is `stale` with its reason, the next is
 * `failed`; a poll that neither ends well nor badly in time is `stale` too.
 */
export function createPollStatus(sink: Sink, clock: Clock) {
  let lastGoodAt: number | undefined;
  let misses = 0;
  let cancelTimer: (() => void) | undefined;
  sink.status({ state: 'connecting', since: clock.now() });
  const say = (status: SourceStatus) => {
    cancelTimer?.();
    cancelTimer = undefined;
    sink.status(status);
  };
  return {
    good(nextGoodWithinMs: number): void {
      const goodAt = clock.now();
      lastGoodAt = goodAt;
      misses = 0;
      say({ state: 'live', lastGoodAt: goodAt });
      cancelTimer = clock.after(nextGoodWithinMs, () => say({ state: 'stale', lastGoodAt: goodAt }));
    },
    bad({ failure, retryAt, isDenied }: BadPoll): void {
      misses++;
      if (isDenied) say({ state: 'denied', error: failure, lastGoodAt });
      else if (lastGoodAt !== undefined && misses === 1) say({ state: 'stale', lastGoodAt, error: failure });
      else say({ state: 'failed', error: failure, retryAt, lastGoodAt });
    },
    stop(): void {
      cancelTimer?.();
      cancelTimer = undefined;
    },
  };
}
