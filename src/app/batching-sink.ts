import { createBatcher } from '../core/batcher.ts';
import type { Clock } from '../core/clock.ts';
import type { Change, Sink } from '../domain/ports.ts';
import type { SourceStatus } from '../domain/source-status.ts';
import type { ConsoleStore } from '../store/state.ts';

export interface SinkHub {
  sinkOf(context: string, onStatus: (status: SourceStatus) => void): Sink;
  /** Hands over what waits, e.g. before a read prints. */
  flushNow(): void;
  close(): void;
}

/** Gathers what all sources say and hands it to the store in one batch at most every `intervalMs`. */
export function createSinkHub(options: {
  readonly store: ConsoleStore;
  readonly clock: Clock;
  readonly intervalMs: number;
}): SinkHub {
  const { store, clock, intervalMs } = options;
  const batcher = createBatcher<Change>({ clock, intervalMs, flush: (batch) => store.apply(batch) });
  return {
    sinkOf: (context, onStatus) => ({
      changes: (batch) => batcher.push(batch),
      status(status) {
        // What a source learnt before it says "live" must be there when somebody looks.
        batcher.flushNow();
        store.setStatus(context, status);
        onStatus(status);
      },
      facts: (facts) => store.setFacts(context, facts),
    }),
    flushNow: () => batcher.flushNow(),
    close: () => batcher.close(),
  };
}
