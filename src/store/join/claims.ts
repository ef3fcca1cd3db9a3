import { silentFrom } from '../../diagnosis/findings/silent.ts';
import type { Sender } from '../../domain/sender.ts';
import type { Identity } from './identity.ts';

/** Of several records that claim one server: the one it shows, those it hides, and those that stand alone. */
export interface Choice {
  readonly primary: string;
  /** Another source of the same facts, or one that fell silent: kept off the list, not shown. */
  readonly hidden: readonly string[];
  /** Alive and claiming the same place: a server of its own. */
  readonly extra: readonly string[];
}

export interface Claimant {
  readonly identity: Identity;
  /** Claimants of different groups may speak for one server at once (two codecs, two Managers). */
  readonly group: string;
  readonly isAlive: boolean;
  /** Lower wins after what identifies. */
  readonly rank: number;
}

const CODEC_RANK: Record<Sender['codec'], number> = { lena: 0, l9s: 1, statsd: 2, collectd: 3, heartbeat: 4 };
export const codecRank = (sender: Sender): number => CODEC_RANK[sender.codec];

/** Compared with each other, not with the clock: the same records always give the same choice. */
export const isHeardWith = (sender: Sender, newestAt: number): boolean =>
  newestAt < silentFrom(sender.heartbeat.at, sender.heartbeat);

export function chooseClaim(server: Identity, claimants: readonly Claimant[]): Choice | undefined {
  const sorted = [...claimants].sort(
    (a, b) => score(server, a) - score(server, b) || (a.identity.key < b.identity.key ? -1 : 1),
  );
  const primary = sorted[0];
  if (primary === undefined) return undefined;
  const hidden: string[] = [];
  const extra: string[] = [];
  for (const claimant of sorted.slice(1)) {
    const isRival = claimant.isAlive && claimant.group === primary.group;
    (isRival ? extra : hidden).push(claimant.identity.key);
  }
  return { primary: primary.identity.key, hidden, extra };
}

/** Alive first, then host name, address, server name and port agreement, then the better source. */
function score(server: Identity, { identity, isAlive, rank }: Claimant): number {
  const agrees = (own: readonly (string | number)[], other: readonly (string | number)[]) =>
    own.some((item) => other.includes(item)) ? 0 : 1;
  return (
    (isAlive ? 0 : 1_000) +
    agrees(server.hosts, identity.hosts) * 500 +
    agrees(server.addresses, identity.addresses) * 200 +
    agrees(server.ports, identity.ports) * 100 +
    agrees(server.names, identity.names) * 50 +
    rank
  );
}
