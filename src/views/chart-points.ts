import type { Ref } from '../domain/ref.ts';
import { SERIES_STEPS, type SeriesId, type SeriesPoint } from '../domain/series.ts';
import type { Server } from '../domain/server.ts';
import type { ChartSeries, TimeWindow } from './chart.ts';
import { probeOf } from './jvm-absence.ts';
import type { ViewContext } from './view.ts';

/** A Manager's meters come with its polls. */
const METER_PAUSE_MS = 15_000;
/** Intervals without a sample that a line is drawn across; more is silence and stays blank. */
const BRIDGED_INTERVALS = 3;
const FINE = SERIES_STEPS.fine;
const COARSE = SERIES_STEPS.coarse;

/** Expected pause between the readings of a server, ms. */
const readingPauseMs = (server: Server, context: ViewContext): number =>
  server.heartbeat?.intervalMs ?? probeOf(server, context)?.heartbeat.intervalMs ?? METER_PAUSE_MS;

/** The time one point tells of, where points are totals: from sample to sample, a step at least; ms. */
export const sampledMs = (server: Server, context: ViewContext): number =>
  Math.max(FINE.stepMs, readingPauseMs(server, context));

export interface PointQuery {
  readonly server: Server;
  readonly window: TimeWindow;
}

/** The window lies where every step of a sample is kept. */
const isFine = ({ fromAt }: TimeWindow, now: number): boolean => fromAt >= now - FINE.spanMs - COARSE.stepMs;

/** The points of a window: steps of a sample where they are kept, half minutes before. */
export function pointsOf(
  id: SeriesId,
  { server: { ref }, window }: PointQuery,
  { now, related }: ViewContext,
): readonly SeriesPoint[] {
  const fine = related.series(ref, id, 'fine');
  if (isFine(window, now)) return fine;
  const coarse = related.series(ref, id, 'coarse');
  const from = fine[0]?.at ?? Number.POSITIVE_INFINITY;
  return [...coarse.filter(({ at }) => at < from), ...fine];
}

/** A series of a chart. */
export function chartSeries(
  label: string,
  points: readonly SeriesPoint[],
  { query: { server, window }, context }: { readonly query: PointQuery; readonly context: ViewContext },
): ChartSeries {
  const pauseMs = sampledMs(server, context);
  const leastMs = isFine(window, context.now) ? 0 : COARSE.stepMs + pauseMs;
  return { label, points, silenceMs: Math.max(BRIDGED_INTERVALS * pauseMs, leastMs) };
}

/** Each point in percent of the newest known limit at its instant; points without one are left out. */
export function percentPoints(
  points: readonly SeriesPoint[],
  limits: readonly SeriesPoint[],
): readonly SeriesPoint[] {
  let limit = 0;
  let next = 0;
  return points.flatMap(({ at, value }) => {
    for (; next < limits.length; next++) {
      const one = limits[next];
      if (one === undefined || one.at > at) break;
      limit = one.value;
    }
    return limit > 0 ? [{ at, value: (100 * value) / limit }] : [];
  });
}

const KNOWN_BY = ['heapUsed', 'tps', 'active', 'gcTimePercent'] as const;

/** Oldest instant a server is known of; half minutes count where they reach further back than samples. */
export function knownSince(server: Ref<'server'>, { related }: ViewContext): number | undefined {
  let since = Number.POSITIVE_INFINITY;
  let oldest: SeriesId = KNOWN_BY[0];
  for (const id of KNOWN_BY) {
    const at = related.series(server, id)[0]?.at;
    if (at === undefined || at >= since) continue;
    since = at;
    oldest = id;
  }
  // The half minute the first sample lies in begins before it.
  const coarse = related.series(server, oldest, 'coarse')[0]?.at;
  if (coarse !== undefined && coarse < since - COARSE.stepMs) since = coarse;
  return Number.isFinite(since) ? since : undefined;
}
