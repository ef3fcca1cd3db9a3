import type { DumpLock } from '../../domain/thread-dump.ts';
import { type Deadlock, findDeadlocks } from './deadlocks.ts';
import type { ThreadReading } from './dump-reading.ts';
import { isOwnable } from './stack-reading.ts';

/** A lock somebody waits for. */
export interface ContendedLock {
  readonly lock: DumpLock;
  readonly kind: 'monitor' | 'synchronizer';
  /** Absent where no thread of the dump holds it. */
  readonly owner: ThreadReading | undefined;
  /** As the dump names it, where that thread is not in it. */
  readonly ownerName: string | undefined;
  readonly waiters: readonly ThreadReading[];
}

/** A thread that waits for no lock itself and holds up others. */
export interface RootBlocker {
  readonly owner: ThreadReading;
  readonly locks: readonly ContendedLock[];
  /** Waiting for one of its locks. */
  readonly direct: number;
  /** With those who wait for them, and so on. */
  readonly held: readonly ThreadReading[];
}

/** Who waits for whom in one dump, over monitors and synchronizers alike. */
export interface LockGraph {
  /** Most waiters first. */
  readonly contended: readonly ContendedLock[];
  /** Who holds up most first. */
  readonly roots: readonly RootBlocker[];
  readonly deadlocks: readonly Deadlock[];
  /** False where the dump tells no owner of any synchronizer (taken without `-l`). */
  readonly tellsSynchronizers: boolean;
  readonly lockOf: ReadonlyMap<ThreadReading, ContendedLock>;
  /** Of a lock without an owner: who waits behind those who wait for it. */
  readonly behindUnknown: ReadonlyMap<ContendedLock, number>;
}

export function readLocks(
  threads: readonly ThreadReading[],
  saidDeadlocks: readonly (readonly string[])[],
): LockGraph {
  const owners = ownersOf(threads);
  const byName = new Map<string, ThreadReading>();
  for (const reading of threads)
    if (!byName.has(reading.thread.name)) byName.set(reading.thread.name, reading);
  const contended = contendedOf(threads, { owners, byName, saidOwner: saidOwners(saidDeadlocks) });
  const lockOf = new Map(contended.flatMap((lock) => lock.waiters.map((waiter) => [waiter, lock] as const)));
  const locksOf = locksByOwner(contended);
  const deadlocks = findDeadlocks(lockOf, { said: saidDeadlocks, byName });
  return {
    contended,
    roots: rootsOf(locksOf, lockOf),
    deadlocks,
    tellsSynchronizers: threads.some(({ thread }) => thread.holds.some(isSynchronizer)),
    lockOf,
    behindUnknown: new Map(
      contended
        .filter(({ owner }) => owner === undefined)
        .map((lock) => [lock, heldUpBy(lock.waiters, locksOf).length]),
    ),
  };
}

const isSynchronizer = ({ className }: DumpLock): boolean =>
  className?.startsWith('java.util.concurrent.') ?? false;

/** Who holds a lock. A thread in Object.wait still lists the monitor it gave away while it waits. */
function ownersOf(threads: readonly ThreadReading[]): ReadonlyMap<string, ThreadReading> {
  const owners = new Map<string, ThreadReading>();
  for (const reading of threads) {
    const { holds, waitsFor } = reading.thread;
    for (const { id } of holds) if (id !== waitsFor?.id) owners.set(id, reading);
  }
  return owners;
}

/** The JVM tells each ring in the order of waiting: who waits, and behind it who holds what it waits for. */
const saidOwners = (rings: readonly (readonly string[])[]): ReadonlyMap<string, string> =>
  new Map(
    rings.flatMap((names) =>
      names.map((name, place): readonly [string, string] => [
        name,
        names[(place + 1) % names.length] ?? name,
      ]),
    ),
  );

interface Known {
  readonly saidOwner: ReadonlyMap<string, string>;
  readonly owners: ReadonlyMap<string, ThreadReading>;
  readonly byName: ReadonlyMap<string, ThreadReading>;
}

function contendedOf(threads: readonly ThreadReading[], known: Known): readonly ContendedLock[] {
  const locks = new Map<string, ContendedLock & { readonly waiters: ThreadReading[] }>();
  for (const reading of threads) {
    const { waitsFor } = reading.thread;
    if (waitsFor === undefined || waitsFor.id === '' || waitsFor.kind === 'wait') continue;
    const named = waitsFor.ownerName ?? known.saidOwner.get(reading.thread.name);
    const owner =
      known.owners.get(waitsFor.id) ?? (named === undefined ? undefined : known.byName.get(named));
    const isLock = waitsFor.kind === 'entry' || isOwnable(waitsFor.className);
    // Idle workers park for the condition of their queue: nobody owns that.
    if ((owner === undefined || reading.doing === 'idle') && !(isLock && reading.doing === 'lock')) continue;
    if (owner === reading) continue;
    const before = locks.get(waitsFor.id);
    if (before !== undefined) {
      before.waiters.push(reading);
      continue;
    }
    locks.set(waitsFor.id, {
      lock: { id: waitsFor.id, className: waitsFor.className },
      kind: waitsFor.kind === 'entry' ? 'monitor' : 'synchronizer',
      owner,
      ownerName: owner?.thread.name ?? named,
      waiters: [reading],
    });
  }
  return [...locks.values()].sort((a, b) => b.waiters.length - a.waiters.length);
}

type LocksByOwner = ReadonlyMap<ThreadReading, readonly ContendedLock[]>;

function locksByOwner(contended: readonly ContendedLock[]): LocksByOwner {
  const locksOf = new Map<ThreadReading, ContendedLock[]>();
  for (const lock of contended) {
    if (lock.owner === undefined) continue;
    const held = locksOf.get(lock.owner);
    if (held === undefined) locksOf.set(lock.owner, [lock]);
    else held.push(lock);
  }
  return locksOf;
}

function rootsOf(
  locksOf: LocksByOwner,
  lockOf: ReadonlyMap<ThreadReading, ContendedLock>,
): readonly RootBlocker[] {
  return [...locksOf]
    .filter(([owner]) => lockOf.get(owner) === undefined)
    .map(([owner, locks]) => ({
      owner,
      locks,
      direct: locks.reduce((sum, { waiters }) => sum + waiters.length, 0),
      held: heldUpBy([owner], locksOf),
    }))
    .sort((a, b) => b.held.length - a.held.length);
}

/** Everybody who waits for one of these, directly or behind others; not they themselves. */
function heldUpBy(begin: readonly ThreadReading[], locksOf: LocksByOwner): readonly ThreadReading[] {
  const seen = new Set(begin);
  const open = [...begin];
  for (let current = open.pop(); current !== undefined; current = open.pop())
    for (const { waiters } of locksOf.get(current) ?? [])
      for (const waiter of waiters)
        if (!seen.has(waiter)) {
          seen.add(waiter);
          open.push(waiter);
        }
  return [...seen].slice(begin.length);
}
