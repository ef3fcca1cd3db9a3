import { cleanLine } from '../../core/text.ts';
import { stateOfStatus } from '../../domain/manager-status.ts';
import { refOf } from '../../domain/ref.ts';
import type { Registration } from '../../domain/registration.ts';
import { isServerType, type ServerType } from '../../domain/server-type.ts';
import type { ServerRecord } from './manager-records.ts';

/** One list of servers a Manager may have. */
export interface ServerList {
  readonly capability: string;
  readonly path: string;
  readonly type: ServerType;
  readonly isContainer: boolean;
  /** Types of which a good read of it tells who is missing; only containers register by themselves. */
  readonly covers: readonly ServerType[];
}

export const SERVER_LISTS: readonly ServerList[] = [
  {
    capability: 'containers was',
    path: '/rest/was/container/servers',
    type: 'was',
    isContainer: true,
    covers: ['was', 'embedded'],
  },
  {
    capability: 'containers web',
    path: '/rest/web/container/servers',
    type: 'web',
    isContainer: true,
    covers: ['web'],
  },
  { capability: 'servers was', path: '/rest/was/servers', type: 'was', isContainer: false, covers: [] },
  { capability: 'servers web', path: '/rest/web/servers', type: 'web', isContainer: false, covers: [] },
  {
    capability: 'servers session',
    path: '/rest/session/servers',
    type: 'session',
    isContainer: false,
    covers: ['session'],
  },
];

export function toRegistration(
  record: ServerRecord,
  list: ServerList,
  facts: { readonly context: string; readonly seenAt: number },
): Registration {
  const id = list.isContainer
    ? `container/${record.serverId}`
    : `${record.systemName ?? ''}/${record.nodeName ?? ''}/${record.serverId}`;
  return {
    ref: refOf('registration', facts.context, cleanLine(id)),
    serverId: cleanLine(record.serverId),
    serverName: clean(record.serverName),
    // A container's server id is its host name.
    hostName: clean(record.hostName ?? (list.isContainer ? record.serverId : undefined)),
    address: clean(record.containerIp ?? record.ip ?? record.address),
    port: record.httpPort ?? record.port,
    type: typeOf(record, list),
    isContainer: list.isContainer,
    nodeName: clean(record.nodeName),
    systemName: clean(record.systemName),
    serviceCluster: clean(record.serviceCluster),
    revision: clean(record.revision),
    status: clean(record.status),
    state: stateOfStatus(record.status),
    seenAt: facts.seenAt,
  };
}

const clean = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : cleanLine(value);

function typeOf(record: ServerRecord, list: ServerList): ServerType {
  const said = (record.serverType ?? record.type ?? '').toLowerCase();
  return isServerType(said) ? said : list.type;
}
