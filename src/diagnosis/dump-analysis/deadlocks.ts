import type { ThreadReading } from './dump-reading.ts';
import type { ContendedLock } from './lock-graph.ts';

/** Threads each of which waits for a lock the next one holds. */
export interface Deadlock {
  /** In the order of waiting: each waits for the next, the last for the first. */
  readonly threads: readonly ThreadReading[];
  /** For which each of them waits, in the same order; empty where only the JVM says so. */
  readonly locks: readonly ContendedLock[];
  readonly kind: 'monitors' | 'synchronizers' | 'mixed' | 'said';
  /** The JVM found it too. */
  readonly isSaid: boolean;
  /** Outside the ring, waiting for one of it. */
  readonly behind: readonly ThreadReading[];
}

interface Named {
  readonly said: readonly (readonly string[])[];
  readonly byName: ReadonlyMap<string, ThreadReading>;
}

/** Every thread waits for at most one lock, so each ring is found by walking on from a thread once. */
export function findDeadlocks(
  lockOf: ReadonlyMap<ThreadReading, ContendedLock>,
  { said, byName }: Named,
): readonly Deadlock[] {
  const rings = findRings(lockOf);
  const saidKeys = new Set(said.map(keyOf));
  const behind = behindRings(rings, lockOf);
  const found = rings.map((threads, index): Deadlock => {
    const locks = threads.flatMap((thread) => lockOf.get(thread) ?? []);
    const kinds = new Set(locks.map(({ kind }) => kind));
    return {
      threads,
      locks,
      kind: kinds.size > 1 ? 'mixed' : kinds.has('monitor') ? 'monitors' : 'synchronizers',
      isSaid: saidKeys.has(keyOf(threads.map(({ thread }) => thread.name))),
      behind: behind[index] ?? [],
    };
  });
  const foundKeys = new Set(found.map(({ threads }) => keyOf(threads.map(({ thread }) => thread.name))));
  const onlySaid = said
    .filter((names) => names.length > 0 && !foundKeys.has(keyOf(names)))
    .map(
      (names): Deadlock => ({
        threads: names.flatMap((name) => byName.get(name) ?? []),
        locks: [],
        kind: 'said',
        isSaid: true,
        behind: [],
      }),
    )
    .filter(({ threads }) => threads.length > 0);
  return [...found, ...onlySaid];
}

const keyOf = (names: readonly string[]): string => [...names].sort().join('\n');

function findRings(lockOf: ReadonlyMap<ThreadReading, ContendedLock>): readonly (readonly ThreadReading[])[] {
  const rings: (readonly ThreadReading[])[] = [];
  const walkOf = new Map<ThreadReading, number>();
  let walk = 0;
  for (const start of lockOf.keys()) {
    walk++;
    const path: ThreadReading[] = [];
    let current: ThreadReading | undefined = start;
    while (current !== undefined && !walkOf.has(current)) {
      walkOf.set(current, walk);
      path.push(current);
      current = lockOf.get(current)?.owner;
    }
    if (current !== undefined && walkOf.get(current) === walk)
      rings.push(inOrder(path.slice(path.indexOf(current))));
  }
  return rings;
}

/** Begins with the first name, so that the same ring reads the same in every dump. */
function inOrder(ring: readonly ThreadReading[]): readonly ThreadReading[] {
  const names = ring.map(({ thread }) => thread.name);
  const first = names.indexOf([...names].sort()[0] ?? '');
  return [...ring.slice(first), ...ring.slice(0, first)];
}

/** For each ring who leads into it; every thread is walked over once. */
function behindRings(
  rings: readonly (readonly ThreadReading[])[],
  lockOf: ReadonlyMap<ThreadReading, ContendedLock>,
): readonly (readonly ThreadReading[])[] {
  const ringOf = new Map<ThreadReading, number | undefined>(
    rings.flatMap((ring, index) => ring.map((thread) => [thread, index] as const)),
  );
  const inRings = new Set(ringOf.keys());
  const behind = rings.map((): ThreadReading[] => []);
  for (const start of lockOf.keys()) {
    const path: ThreadReading[] = [];
    let current: ThreadReading | undefined = start;
    while (current !== undefined && !ringOf.has(current)) {
      path.push(current);
      current = lockOf.get(current)?.owner;
    }
    const ring = current === undefined ? undefined : ringOf.get(current);
    for (const thread of path) ringOf.set(thread, ring);
  }
  for (const [thread, ring] of ringOf)
    if (ring !== undefined && !inRings.has(thread)) behind[ring]?.push(thread);
  return behind;
}
