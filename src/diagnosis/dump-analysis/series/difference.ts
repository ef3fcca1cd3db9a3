import type { ThreadReading } from '../dump-reading.ts';
import type { SeriesReading, Track } from './series-reading.ts';

/** What the last dump has otherwise than the one before it. */
export interface Difference {
  readonly added: readonly ThreadReading[];
  readonly gone: readonly ThreadReading[];
  /** State before, and the thread now. */
  readonly changed: readonly { readonly from: ThreadReading; readonly to: ThreadReading }[];
}

export function differenceOf({ tracks }: SeriesReading): Difference {
  const pairs = tracks.map(({ readings }: Track) => ({ from: readings.at(-2), to: readings.at(-1) }));
  return {
    added: pairs.flatMap(({ from, to }) => (from === undefined && to !== undefined ? [to] : [])),
    gone: pairs.flatMap(({ from, to }) => (from !== undefined && to === undefined ? [from] : [])),
    changed: pairs.flatMap(({ from, to }) =>
      from !== undefined && to !== undefined && from.thread.state !== to.thread.state ? [{ from, to }] : [],
    ),
  };
}
