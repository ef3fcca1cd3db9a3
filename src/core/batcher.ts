import type { Clock } from './clock.ts';

export interface BatcherOptions<T> {
  readonly clock: Clock;
  /** Longest wait between the first item and its flush. */
  readonly intervalMs: number;
  readonly flush: (items: readonly T[]) => void;
}

/** Collects items and hands them over in one call at most every `intervalMs`. */
export function createBatcher<T>({ clock, intervalMs, flush }: BatcherOptions<T>) {
  let items: T[] = [];
  let cancel: (() => void) | undefined;
  const flushNow = () => {
    cancel?.();
    cancel = undefined;
    if (items.length === 0) return;
    const batch = items;
    items = [];
    flush(batch);
  };
  return {
    push(added: readonly T[]): void {
      for (const item of added) items.push(item);
      cancel ??= clock.after(intervalMs, flushNow);
    },
    flushNow,
    /** Drops what is waiting and the timer. */
    close(): void {
      cancel?.();
      cancel = undefined;
      items = [];
    },
  };
}
