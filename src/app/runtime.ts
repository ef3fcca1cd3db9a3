import { AppError, describeThrown } from '../core/app-error.ts';
import { type Clock, sleep } from '../core/clock.ts';
import { sourceFailure } from '../domain/errors.ts';
import type { Source } from '../domain/ports.ts';
import type { ConsoleStore } from '../store/state.ts';
import { createSinkHub } from './batching-sink.ts';
import type { Log } from './log-file.ts';

/** Makes a source when it is time to run it, so that its client is loaded only then. */
export interface SourcePlan {
  readonly context: string;
  readonly load: () => Promise<Source>;
}

export interface Runtime {
  readonly store: ConsoleStore;
  /** Starts every source; returns at once. */
  start(): void;
  /** True when every source has answered once or failed; false when `timeoutMs` passed first. */
  settled(timeoutMs: number, signal: AbortSignal): Promise<boolean>;
  /** Contexts that have not answered yet. */
  unanswered(): readonly string[];
  refresh(): void;
  /** Brings the store up to this moment, before something is read from it. */
  flush(): void;
  /** Ends every source; resolves when all have returned, after two seconds at most. */
  stop(): Promise<void>;
}

export interface RuntimeOptions {
  readonly store: ConsoleStore;
  readonly plans: readonly SourcePlan[];
  readonly clock: Clock;
  /** Shortest pause between batches, ms. */
  readonly refreshMs: number;
  readonly log: Log;
}

const TICK_MS = 1_000;
const STOP_MS = 2_000;

/** Runs the sources against one store: batches what they say, counts who has answered, and keeps time. */
export function createRuntime({ store, plans, clock, refreshMs, log }: RuntimeOptions): Runtime {
  const abort = new AbortController();
  const hub = createSinkHub({ store, clock, intervalMs: refreshMs });
  const waiting = new Set(plans.map(({ context }) => context));
  const sources: Source[] = [];
  let running: Promise<unknown> = Promise.resolve();
  let onSettled: (() => void) | undefined;

  const answered = (context: string) => {
    if (waiting.delete(context) && waiting.size === 0) onSettled?.();
  };
  const run = async ({ context, load }: SourcePlan) => {
    let logged = '';
    const sink = hub.sinkOf(context, (status) => {
      const code = 'error' in status ? status.error?.code : undefined;
      const line = `${status.state} ${code ?? ''}`;
      if (line !== logged) {
        const message = 'error' in status ? status.error?.message : undefined;
        log.write(code === undefined ? 'info' : 'error', 'source', {
          context,
          state: status.state,
          code,
          message,
        });
      }
      logged = line;
      if (status.state !== 'connecting') answered(context);
    });
    try {
      const source = await load();
      sources.push(source);
      if (!abort.signal.aborted) await source.run(sink, abort.signal);
    } catch (error) {
      const failure =
        error instanceof AppError
          ? { code: error.code, message: error.message, hint: error.hint }
          : sourceFailure('INTERNAL', `${context}: ${describeThrown(error)}`);
      sink.status({ state: 'failed', error: failure });
    }
  };
  const tick = () => {
    if (abort.signal.aborted) return;
    store.tick(clock.now());
    clock.after(TICK_MS, tick);
  };
  return {
    store,
    start() {
      clock.after(TICK_MS, tick);
      running = Promise.allSettled(plans.map(run));
    },
    async settled(timeoutMs, signal) {
      if (waiting.size > 0) {
        const done = new AbortController();
        onSettled = () => done.abort();
        await sleep(clock, timeoutMs, AbortSignal.any([signal, done.signal]));
        onSettled = undefined;
      }
      return waiting.size === 0;
    },
    unanswered: () => [...waiting],
    refresh() {
      for (const source of sources) source.refresh?.();
    },
    flush() {
      hub.flushNow();
      store.tick(clock.now());
    },
    async stop() {
      abort.abort();
      hub.close();
      const waited = new AbortController();
      await Promise.race([running, sleep(clock, STOP_MS, waited.signal)]);
      waited.abort();
    },
  };
}
