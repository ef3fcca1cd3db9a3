import { isSameRef } from '../domain/ref.ts';
import type { Server } from '../domain/server.ts';
import { readLenaEnvironment } from './lena-environment.ts';

/**
 * The other session server of a pair: the one whose environment names the same two addresses, else the only other
 * one of the same StatefulSet. Nothing a datagram says counts.
 */
export function sessionPartnerOf(server: Server, servers: Iterable<Server>): Server | undefined {
  if (server.type !== 'session') return undefined;
  const others: Server[] = [];
  for (const other of servers) {
    if (other.type === 'session' && isBeside(other, server) && !isSameRef(other.ref, server.ref))
      others.push(other);
  }
  const pair = readLenaEnvironment(server.environment).sessionPair;
  const named = others.filter(
    (other) => pair !== undefined && readLenaEnvironment(other.environment).sessionPair === pair,
  );
  // A task that ended is shown for a while beside the one that came in its place.
  const living =
    named.length > 1 ? named.filter(({ state }) => state !== 'stopped' && state !== 'failed') : named;
  if (named.length > 0) return living.length === 1 ? living[0] : undefined;
  const inSet = others.filter((other) => isOneSet(server, other));
  return inSet.length === 1 ? inSet[0] : undefined;
}

const isBeside = (a: Server, b: Server): boolean =>
  a.ref.context === b.ref.context && a.place?.name === b.place?.name;

/** True for two servers of one StatefulSet. */
const isOneSet = (a: Server, b: Server): boolean =>
  a.workload?.kind === 'StatefulSet' &&
  b.workload?.kind === 'StatefulSet' &&
  a.workload.name === b.workload.name;
