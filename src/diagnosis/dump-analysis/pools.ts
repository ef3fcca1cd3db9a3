import type { ThreadReading } from './dump-reading.ts';
import type { Doing, Matter } from './frame-signs.ts';
import { isBusy } from './stack-reading.ts';
import { isRequestPool } from './thread-names.ts';

/** Threads that bear the same name but for their number. */
export interface ThreadPool {
  readonly name: string;
  readonly members: readonly ThreadReading[];
  readonly busy: number;
  /** Of the busy ones, those that wait for a lock. */
  readonly blocked: number;
  readonly isWorkers: boolean;
  /** Where busy members are, most first. */
  readonly places: readonly Place[];
}

/** A method of the application (of a library where there is none) and what is done below it. */
export interface Place {
  /** Empty for threads without a stack. */
  readonly method: string;
  readonly doing: Doing;
  readonly matter: Matter | undefined;
  readonly members: readonly ThreadReading[];
}

/** Pools of two and more threads, and any that serves requests; largest first. */
export function readPools(threads: readonly ThreadReading[]): readonly ThreadPool[] {
  const named = Map.groupBy(
    threads.filter(({ thread }) => thread.state !== undefined),
    ({ pool }) => pool,
  );
  return [...named]
    .filter(([name, members]) => members.length > 1 || isRequestPool(name))
    .map(([name, members]) => {
      const busy = members.filter(({ doing }) => isBusy(doing));
      return {
        name,
        members,
        busy: busy.length,
        blocked: busy.filter(({ doing }) => doing === 'lock').length,
        isWorkers: isRequestPool(name),
        places: placesOf(busy),
      };
    })
    .sort((a, b) => b.members.length - a.members.length);
}

export function placesOf(threads: readonly ThreadReading[]): readonly Place[] {
  const places = Map.groupBy(threads, ({ stack, doing }) => `${stack.place} ${doing} ${stack.matter}`);
  return [...places.values()]
    .flatMap((members): readonly Place[] => {
      const [first] = members;
      if (first === undefined) return [];
      const { stack, doing } = first;
      return [{ method: stack.place, doing, matter: stack.matter, members }];
    })
    .sort((a, b) => b.members.length - a.members.length);
}
