import { type Clock, sleep } from '../core/clock.ts';

/** A pause between polls that `wake` (the user asks for fresh data) ends early. */
export function createPollWait(clock: Clock) {
  let waking = new AbortController();
  let wasWoken = false;
  return {
    /** The last pause ended by `wake`. */
    wasWoken: (): boolean => wasWoken,
    async wait(delayMs: number, signal: AbortSignal): Promise<void> {
      await sleep(clock, delayMs, AbortSignal.any([signal, waking.signal]));
      wasWoken = waking.signal.aborted;
      if (wasWoken) waking = new AbortController();
    },
    wake(): void {
      waking.abort();
    },
  };
}

/** Requests in the last minute, by whole seconds. */
export function createRequestMeter(clock: Clock) {
  const counts = new Map<number, number>();
  const forget = (second: number) => {
    for (const key of counts.keys()) if (key <= second - 60) counts.delete(key);
  };
  return {
    count(): void {
      const second = Math.floor(clock.now() / 1_000);
      counts.set(second, (counts.get(second) ?? 0) + 1);
      forget(second);
    },
    perMinute(): number {
      forget(Math.floor(clock.now() / 1_000));
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
  };
}
export type RequestMeter = ReturnType<typeof createRequestMeter>;

/** Runs `work` for every item, at most `limit` at once; ends when all have ended. `work` must not reject. */
export async function eachLimited<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}

/** Settles with `promise`, or rejects as soon as `signal` aborts: for libraries that ignore signals. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
