/** Ages move in steps, so that a frame changes only when its reader would care: live, 10 s, 30 s, 1 m, 2 m … */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Below this, data counts as live. */
export const LIVE_MS = 10 * SECOND_MS;

function steps(ageMs: number): string {
  if (ageMs < 30 * SECOND_MS) return '10s';
  if (ageMs < MINUTE_MS) return '30s';
  if (ageMs < 2 * HOUR_MS) return `${Math.floor(ageMs / MINUTE_MS)}m`;
  if (ageMs < 2 * DAY_MS) return `${Math.floor(ageMs / HOUR_MS)}h`;
  return `${Math.floor(ageMs / DAY_MS)}d`;
}

/** How old data is: `live` below ten seconds, then `10s`, `30s`, `1m`, `2m` … `119m`, `2h` … `47h`, `2d` … */
export const formatDataAge = (ageMs: number): string => (ageMs < LIVE_MS ? 'live' : steps(ageMs));

/** How long something exists, in the same steps; below ten seconds `<10s`. */
export const formatAge = (ageMs: number): string => (ageMs < LIVE_MS ? '<10s' : steps(ageMs));

/** A measured length of time in few cells: `406ms`, `4.2s`, `42s`, then in the same steps: `16m`, `3h`, `2d`. */
export function formatSpan(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)}ms`;
  if (ms >= MINUTE_MS) return steps(ms);
  return ms < LIVE_MS ? `${(ms / SECOND_MS).toFixed(1)}s` : `${Math.floor(ms / SECOND_MS)}s`;
}

/** The age of an instant, or `undefined` where it is not known; a clock ahead of ours counts as now. */
export const ageOf = (at: number | undefined, now: number): number | undefined =>
  at === undefined ? undefined : Math.max(0, now - at);
