import type { Clock } from '../core/clock.ts';
import type { Sink } from '../domain/ports.ts';
import type { SourceStatus } from '../domain/source-status.ts';
import type { ConsoleStore } from '../store/state.ts';
import { ChangeQueue } from './change-queue.ts';

export interface SinkHub {
  sinkOf(context: string, onStatus: (status: SourceStatus) => void): Sink;
  /** Hands over what waits, e.g. before a read prints. */
  flushNow(): void;
  close(): void;
}

export interface SinkHubOptions {
  readonly store: ConsoleStore;
  readonly clock: Clock;
  /** Longest wait between the first change and its hand-over. */
  readonly intervalMs: number;
  /** Milliseconds of some monotonic clock; a turn is measured with it. @default performance.now */
  readonly stopwatch?: (() => number) | undefined;
  /** Runs a task after input that waits has been read; the answer cancels it. @default setImmediate */
  readonly afterInput?: ((task: () => void) => () => void) | undefined;
}

/** A key typed while changes are handed over waits no longer than this. */
const TURN_MS = 4;
/** Changes handed over between two looks at the stopwatch. */
const SLICE = 50;

const immediately = (task: () => void): (() => void) => {
  const immediate = setImmediate(task);
  return () => clearImmediate(immediate);
};

/**
 * Gathers what all sources say and hands it to the store at most every `intervalMs`, in short turns: keys and frames
 * come between two of them.
 */
export function createSinkHub(options: SinkHubOptions): SinkHub {
  const { store, clock, intervalMs, stopwatch = () => performance.now(), afterInput = immediately } = options;
  const queue = new ChangeQueue();
  let cancel: (() => void) | undefined;

  const handOver = (most: number) => {
    const { changes, note } = queue.take(most);
    if (changes.length > 0) store.apply(changes);
    note?.();
  };
  const turn = () => {
    cancel = undefined;
    const endAt = stopwatch() + TURN_MS;
    while (!queue.isEmpty && stopwatch() < endAt) handOver(SLICE);
    if (!queue.isEmpty) cancel ??= afterInput(turn);
  };
  const flushNow = () => {
    cancel?.();
    cancel = undefined;
    while (!queue.isEmpty) handOver(Number.POSITIVE_INFINITY);
  };
  const handOverSoon = () => {
    cancel ??= clock.after(intervalMs, () => {
      // Not in the same breath as a frame that is due now: a key comes between the two.
      cancel = afterInput(turn);
    });
  };
  return {
    sinkOf: (context, onStatus) => ({
      changes(batch) {
        queue.push(batch);
        handOverSoon();
      },
      history(batch) {
        // Behind the senders it is about.
        queue.pushNote(() => store.applyHistory(batch));
        handOverSoon();
      },
      status(status) {
        const say = () => {
          store.setStatus(context, status);
          onStatus(status);
        };
        if (queue.isEmpty) {
          say();
          return;
        }
        // What a source learnt before it says "live" must be there when somebody looks.
        queue.pushNote(say);
        cancel?.();
        cancel = afterInput(turn);
      },
      facts: (facts) => store.setFacts(context, facts),
    }),
    flushNow,
    close() {
      cancel?.();
      cancel = undefined;
      queue.clear();
    },
  };
}
