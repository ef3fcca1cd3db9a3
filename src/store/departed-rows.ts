import { GONE_GRACE_MS } from '../diagnosis/findings/gone.ts';
import type { ServerRecords } from './server-records.ts';

/** A sender nobody claims leaves the table, and a silent one's figures its server, after this. */
export const FORGET_SILENT_MS = 900_000;

/**
 * Until when what stands under a key is no row: a registration whose server ended a moment ago, which its Manager
 * will let go by itself, and (for good, until it is heard again) a lone sender long silent. `undefined`: it is a row.
 */
export function hiddenUntil(
  { instance, registration, sender }: ServerRecords,
  goneSince: number | undefined,
  now: number,
): number | undefined {
  if (instance !== undefined) return undefined;
  if (registration !== undefined) {
    if (goneSince === undefined || sender !== undefined) return undefined;
    const shownAt = goneSince + GONE_GRACE_MS;
    return now < shownAt ? shownAt : undefined;
  }
  const heardAt = sender?.heartbeat.at;
  return heardAt !== undefined && now >= heardAt + FORGET_SILENT_MS ? Number.POSITIVE_INFINITY : undefined;
}
