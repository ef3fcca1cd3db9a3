/** Lets so many pieces of work run at once; the others wait in the order they came. */
export interface Turns {
  /** Runs `work` in its turn. Rejects as it does, or with the signal's reason while it waits. */
  take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function createTurns(atOnce: number): Turns {
  let free = atOnce;
  const waiting = new Set<() => void>();

  const enter = (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (free > 0) {
      free--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = () => {
        waiting.delete(go);
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.delete(go);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.add(go);
    });
  };
  return {
    async take(work, signal) {
      await enter(signal);
      try {
        return await work();
      } finally {
        const [next] = waiting;
        if (next === undefined) free++;
        else next();
      }
    },
  };
}
