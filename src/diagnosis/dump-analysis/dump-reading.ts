import type { DumpThread, ThreadDump, ThreadState } from '../../domain/thread-dump.ts';
import type { Doing } from './frame-signs.ts';
import { type LockGraph, readLocks } from './lock-graph.ts';
import { readPools, type ThreadPool } from './pools.ts';
import { doingOf, isBusy, type StackReader, type StackReading } from './stack-reading.ts';
import { isRequestPool, poolNameOf } from './thread-names.ts';

/** One thread with what its stack and its name say. */
export interface ThreadReading {
  readonly thread: DumpThread;
  readonly stack: StackReading;
  readonly doing: Doing;
  readonly pool: string;
  /** By its name a worker that serves requests. */
  readonly isWorker: boolean;
  /** Works on a request now. */
  readonly isServing: boolean;
}

/** The JVM's own threads have none. */
export type SeenState = ThreadState | 'JVM';

/** One dump, read; what it shows is judged elsewhere. */
export interface DumpReading {
  readonly dump: ThreadDump;
  /** Of the file it stands in. */
  readonly file: string;
  /** Epoch ms, comparable with that of the other dumps. */
  readonly at: number | undefined;
  readonly threads: readonly ThreadReading[];
  readonly states: ReadonlyMap<SeenState, number>;
  /** Largest first. */
  readonly pools: readonly ThreadPool[];
  readonly groups: readonly StackGroup[];
  readonly locks: LockGraph;
}

/** Threads that stand in the same place, in the same state. */
export interface StackGroup {
  readonly key: string;
  readonly stack: StackReading;
  readonly state: SeenState;
  readonly doing: Doing;
  readonly members: readonly ThreadReading[];
}

export interface DumpToRead {
  readonly dump: ThreadDump;
  readonly file: string;
  /** Epoch ms, of the file. */
  readonly takenAt?: number | undefined;
  /** Comparable with that of the other dumps; none where their times cannot be compared. */
  readonly at?: number | undefined;
}

export function readOneDump({ dump, file, at }: DumpToRead, stacks: StackReader): DumpReading {
  const threads = dump.threads.map((thread) => readThread(thread, stacks));
  const states = new Map<SeenState, number>();
  for (const { thread } of threads) {
    const state = thread.state ?? 'JVM';
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  return {
    dump,
    file,
    at,
    threads,
    states,
    pools: readPools(threads),
    groups: readGroups(threads),
    locks: readLocks(threads, dump.deadlocks),
  };
}

function readThread(thread: DumpThread, stacks: StackReader): ThreadReading {
  const stack = stacks.read(thread.stack);
  const doing = doingOf(thread, stack);
  const pool = poolNameOf(thread.name);
  const isWorker = isRequestPool(pool);
  return {
    thread,
    stack,
    doing,
    pool,
    isWorker,
    isServing: isBusy(doing) && (stack.isRequest || isWorker),
  };
}

/** Groups of two and more, largest first; threads without a stack stand nowhere. */
function readGroups(threads: readonly ThreadReading[]): readonly StackGroup[] {
  const groups = new Map<string, StackGroup & { readonly members: ThreadReading[] }>();
  for (const reading of threads) {
    const { thread, stack, doing } = reading;
    if (stack.top === undefined) continue;
    const state = thread.state ?? 'JVM';
    const key = `${stack.id} ${state}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, stack, state, doing, members: [reading] });
    else group.members.push(reading);
  }
  return [...groups.values()]
    .filter(({ members }) => members.length > 1)
    .sort((a, b) => b.members.length - a.members.length);
}
