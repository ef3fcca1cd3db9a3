import type { DumpTarget, DumpWay } from '../../domain/dump-way.ts';
import { appError } from '../../domain/errors.ts';
import type { ActionTools, DumpTools, Lookup } from '../tools.ts';

/** What can take dumps here. Throws an AppError where nothing can. */
export function dumpToolsOf({ dumps }: ActionTools): DumpTools {
  if (dumps === undefined) throw appError('ACTION_IMPOSSIBLE', 'no dumps can be taken here');
  return dumps;
}

/** Ways that take dumps; what a server wrote before is fetched, not taken. */
export const takingWays = ({ ways }: DumpTools): readonly DumpWay[] =>
  ways.filter(({ id }) => id !== 'server-file');

/** Throws an AppError where the row is gone since it was planned for, or is another process of the same name. */
export function assertStillThere({ server, instance }: DumpTarget, lookup: Lookup): void {
  const { name, ref } = server;
  if (lookup.get(ref) === undefined) {
    throw appError('TARGET_UNKNOWN', `${name} is not in ${ref.context} any more`);
  }
  if (instance !== undefined && lookup.get(instance.ref)?.uid !== instance.uid) {
    throw appError('CONFLICT', `${name} is another one now than it was when this was planned`);
  }
}

/**
 * Host and server of a dump's name. A machine's server, and one known by its datagrams only, is named `host/server`; a
 * pod or a task is a host whose server is its workload.
 */
export function namedOf({ server, instance }: DumpTarget): {
  readonly host: string;
  readonly serverName: string;
} {
  const { name, node, address } = server;
  const slash = name.lastIndexOf('/');
  if (slash > 0 && slash < name.length - 1) {
    return { host: name.slice(0, slash), serverName: name.slice(slash + 1) };
  }
  const workload = instance?.workload ?? server.workload;
  return { host: instance?.hostNames[0] ?? node ?? address ?? name, serverName: workload?.name ?? name };
}
