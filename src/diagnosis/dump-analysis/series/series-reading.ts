import type { DumpReading, ThreadReading } from '../dump-reading.ts';
import { sameKey } from './runs.ts';

/** One thread through a series, by its name and ids; `undefined` where it is not in a dump. */
export interface Track {
  readonly readings: readonly (ThreadReading | undefined)[];
  readonly last: ThreadReading;
  /** In every dump. */
  readonly isInAll: boolean;
}

/** Two dumps or more of one run of one JVM, oldest first. */
export interface SeriesReading {
  readonly dumps: readonly DumpReading[];
  readonly tracks: readonly Track[];
  /** From the first dump to the last; `undefined` where neither times nor ages tell. */
  readonly spanMs: number | undefined;
}

export function readSeries(dumps: readonly DumpReading[]): SeriesReading {
  const found = new Map<string, (ThreadReading | undefined)[]>();
  dumps.forEach((dump, place) => {
    for (const reading of dump.threads) {
      const key = sameKey(reading);
      const readings = found.get(key) ?? [];
      if (readings.length === 0) found.set(key, readings);
      // Two threads of one name and id (none told): the first stands for both.
      if (readings.length > place) continue;
      while (readings.length < place) readings.push(undefined);
      readings.push(reading);
    }
  });
  const tracks = [...found.values()].flatMap((readings): readonly Track[] => {
    while (readings.length < dumps.length) readings.push(undefined);
    const last = readings.findLast((reading) => reading !== undefined);
    return last === undefined
      ? []
      : [{ readings, last, isInAll: readings.every((reading) => reading !== undefined) }];
  });
  return { dumps, tracks, spanMs: spanOf(dumps, tracks) };
}

/** By the ages of threads, which are told in hundredths of seconds; else by the times of the dumps. */
function spanOf(dumps: readonly DumpReading[], tracks: readonly Track[]): number | undefined {
  const aged = tracks.find(
    ({ readings }) =>
      readings[0]?.thread.elapsedMs !== undefined && readings.at(-1)?.thread.elapsedMs !== undefined,
  );
  const from = aged?.readings[0]?.thread.elapsedMs;
  const to = aged?.readings.at(-1)?.thread.elapsedMs;
  if (from !== undefined && to !== undefined && to > from) return to - from;
  const first = dumps[0]?.at;
  const last = dumps.at(-1)?.at;
  return first === undefined || last === undefined || last < first ? undefined : last - first;
}

/** Wall time between two sightings of a thread; `undefined` where nothing tells it. */
function wallBetween(series: SeriesReading, { readings }: Track, place: number): number | undefined {
  const from = readings[place - 1]?.thread.elapsedMs;
  const to = readings[place]?.thread.elapsedMs;
  if (from !== undefined && to !== undefined && to !== from) return to > from ? to - from : undefined;
  const before = series.dumps[place - 1]?.at;
  const after = series.dumps[place]?.at;
  return before === undefined || after === undefined || after <= before ? undefined : after - before;
}

/** CPU a thread used between dumps, and over how long. */
export interface Burnt {
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Of one core, 0–1 and a little above where times are coarse. */
  readonly share: number;
}

/** Over all neighbouring dumps that both know it; `undefined` where the dumps tell no CPU. */
export function burntBy(series: SeriesReading, track: Track): Burnt | undefined {
  let cpuMs = 0;
  let wallMs = 0;
  for (let place = 1; place < track.readings.length; place++) {
    const from = track.readings[place - 1]?.thread.cpuMs;
    const to = track.readings[place]?.thread.cpuMs;
    const wall = wallBetween(series, track, place);
    if (from === undefined || to === undefined || wall === undefined || to < from) continue;
    cpuMs += to - from;
    wallMs += wall;
  }
  return wallMs > 0 ? { cpuMs, wallMs, share: cpuMs / wallMs } : undefined;
}

/** Neither its place nor its state changed from the first dump to the last. */
export function hasNotMoved({ readings, isInAll, last }: Track): boolean {
  return (
    isInAll &&
    readings.every(
      (reading) => reading?.stack.id === last.stack.id && reading.thread.state === last.thread.state,
    )
  );
}
