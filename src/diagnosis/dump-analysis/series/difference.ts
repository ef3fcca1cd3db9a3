import type { DumpReading, ThreadReading } from '../dump-reading.ts';
import type { SeriesReading, Track } from './series-reading.ts';

/** What the last dump has otherwise than the one before it. */
export interface Difference {
  readonly added: readonly ThreadReading[];
  readonly gone: readonly ThreadReading[];
  /** State before, and the thread now. */
  readonly changed: readonly { readonly from: ThreadReading; readonly to: ThreadReading }[];
  /** Stacks that more or fewer threads share now, largest change first; the name is where they stand. */
  readonly stacks: readonly { readonly place: string; readonly from: number; readonly to: number }[];
}

const MOST_STACKS = 40;

export function differenceOf({ tracks, dumps }: SeriesReading): Difference {
  const pairs = tracks.map(({ readings }: Track) => ({ from: readings.at(-2), to: readings.at(-1) }));
  return {
    added: pairs.flatMap(({ from, to }) => (from === undefined && to !== undefined ? [to] : [])),
    gone: pairs.flatMap(({ from, to }) => (from !== undefined && to === undefined ? [from] : [])),
    changed: pairs.flatMap(({ from, to }) =>
      from !== undefined && to !== undefined && from.thread.state !== to.thread.state ? [{ from, to }] : [],
    ),
    stacks: stackChanges(dumps.at(-2), dumps.at(-1)),
  };
}

function stackChanges(before: DumpReading | undefined, now: DumpReading | undefined): Difference['stacks'] {
  const changes = new Map<string, { place: string; from: number; to: number }>();
  for (const [dump, side] of [
    [before, 'from'],
    [now, 'to'],
  ] as const)
    for (const { key, stack, members } of dump?.groups ?? []) {
      const change = changes.get(key) ?? { place: stack.place, from: 0, to: 0 };
      change[side] = members.length;
      changes.set(key, change);
    }
  const size = ({ from, to }: { readonly from: number; readonly to: number }) => Math.abs(to - from);
  return [...changes.values()]
    .filter((change) => size(change) > 0)
    .sort((a, b) => size(b) - size(a) || b.to - b.from - (a.to - a.from))
    .slice(0, MOST_STACKS);
}
