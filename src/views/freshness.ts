import { refOf } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import type { SourceStatus } from '../domain/source-status.ts';
import type { ViewContext } from './view.ts';

const lastGoodAtOf = (status: SourceStatus | undefined): number | undefined =>
  status !== undefined && 'lastGoodAt' in status ? status.lastGoodAt : undefined;

/** How old a source's word is: 0 while it vouches for it (an open watch), `undefined` where it never had one. */
export function sourceAgeMs(status: SourceStatus | undefined, now: number): number | undefined {
  const at = lastGoodAtOf(status);
  if (at === undefined) return undefined;
  const ageMs = Math.max(0, now - at);
  const freshForMs = status?.state === 'live' ? (status.freshForMs ?? 0) : 0;
  return ageMs < freshForMs ? 0 : ageMs;
}

interface SeenRow {
  readonly context: string;
  readonly seenAt: number;
  /** True for what its context's source watches; its word holds for every row that did not change. */
  readonly isWatched: boolean;
}

const statusOf = (name: string, context: ViewContext) =>
  context.related.get(refOf('context', name, name))?.status;

/** How old what is shown of a row is, ms. */
export function seenAgeMs(row: SeenRow, context: ViewContext): number {
  const ownMs = Math.max(0, context.now - row.seenAt);
  if (!row.isWatched) return ownMs;
  return Math.min(ownMs, sourceAgeMs(statusOf(row.context, context), context.now) ?? ownMs);
}

/** True where a row's source fell silent, was refused or cannot be reached: what it said may no longer hold. */
export function isOutdated(name: string, context: ViewContext): boolean {
  const state = statusOf(name, context)?.state;
  return state === 'stale' || state === 'denied' || state === 'failed';
}

/** When the row's own system last spoke, of it or in general. */
export function seenAtOf(row: SeenRow, context: ViewContext): number {
  if (!row.isWatched) return row.seenAt;
  return Math.max(row.seenAt, lastGoodAtOf(statusOf(row.context, context)) ?? row.seenAt);
}

/** A server's row is watched through its orchestrator's object; without one it is as old as its last record. */
const seenRowOf = (server: Server): SeenRow => ({
  context: server.ref.context,
  seenAt: server.seenAt,
  isWatched: server.records.instance !== undefined,
});
export const serverSeenAgeMs = (server: Server, context: ViewContext): number =>
  seenAgeMs(seenRowOf(server), context);
export const serverSeenAt = (server: Server, context: ViewContext): number =>
  seenAtOf(seenRowOf(server), context);
