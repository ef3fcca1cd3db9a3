import type { Clock } from '../../core/clock.ts';

/** Runs `task` for every item, at most `limit` at once, in order of their start; results in the items' order. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results.set(at, await task(item));
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

export interface Limit {
  readonly signal: AbortSignal;
  /** True when the time, not the parent, ended it. */
  readonly isOver: () => boolean;
  /** To be called when the work is done, so that no timer stays. */
  readonly clear: () => void;
}

/** A signal that aborts with its parent or after `timeoutMs` of the given clock. */
export function createLimit(parent: AbortSignal, timeoutMs: number, clock: Clock): Limit {
  const controller = new AbortController();
  let isOver = false;
  const follow = () => controller.abort(parent.reason);
  const cancelTimer = clock.after(timeoutMs, () => {
    isOver = true;
    controller.abort(new DOMException('took too long', 'TimeoutError'));
  });
  if (parent.aborted) follow();
  parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    isOver: () => isOver,
    clear() {
      cancelTimer();
      parent.removeEventListener('abort', follow);
    },
  };
}

/** What `work` gives, or a rejection with the signal's reason as soon as it aborts, whether `work` listens or not. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
