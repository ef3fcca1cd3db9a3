import type { DumpReading, ThreadReading } from '../dump-reading.ts';

/** Fewer threads than this share that are the same: another process. */
const LEAST_SAME = 0.3;
/** Age of a thread and time of its dump go on alike, but for what a clock or a slow dump costs. */
const MOST_APART_MS = 10_000;
/** Of so many runs at the same time a dump is looked for. */
const MOST_RUNS = 8;

/** A thread is the same in two dumps by its name and its ids. */
export const sameKey = ({ thread: { name, id, nid } }: ThreadReading): string =>
  `${name}\n${id ?? ''}\n${nid ?? ''}`;

/**
 * Dumps of one run of one JVM each, in the order given; the run of the last dump comes last. Files of several servers,
 * or from before and after a restart, are never compared thread by thread.
 */
export function runsOf(dumps: readonly DumpReading[]): readonly (readonly DumpReading[])[] {
  const runs: { dumps: DumpReading[]; keys: ReadonlyMap<string, ThreadReading> }[] = [];
  for (const dump of dumps) {
    const keys = new Map(dump.threads.map((reading) => [sameKey(reading), reading]));
    const at = runs.findLastIndex(
      (run, place) =>
        place >= runs.length - MOST_RUNS &&
        isSameRun({ dump: run.dumps.at(-1), keys: run.keys }, { dump, keys }),
    );
    const [run] = at < 0 ? [] : runs.splice(at, 1);
    runs.push({ dumps: [...(run?.dumps ?? []), dump], keys });
  }
  return runs.map((run) => run.dumps);
}

interface Keyed {
  readonly dump: DumpReading | undefined;
  readonly keys: ReadonlyMap<string, ThreadReading>;
}

function isSameRun(before: Keyed, after: Keyed): boolean {
  const same = [...after.keys].filter(([key]) => before.keys.has(key));
  if (same.length < LEAST_SAME * Math.min(before.keys.size, after.keys.size)) return false;
  return same.slice(0, 5).every(([key, { thread }]) => {
    const earlier = before.keys.get(key)?.thread.elapsedMs;
    if (earlier === undefined || thread.elapsedMs === undefined) return true;
    const aged = thread.elapsedMs - earlier;
    const { at: from } = before.dump ?? {};
    const { at: to } = after.dump ?? {};
    if (aged < 0) return false;
    // Ages that stand still tell nothing.
    if (aged === 0) return true;
    return from === undefined || to === undefined || Math.abs(to - from - aged) <= MOST_APART_MS + 0.1 * aged;
  });
}
