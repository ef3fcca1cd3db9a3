import { isRecord, listOf, stringOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import type { JsonValue, ManagerCall } from '../../domain/call.ts';
import { appError } from '../../domain/errors.ts';
import { stateOfStatus } from '../../domain/manager-status.ts';
import type { Registration } from '../../domain/registration.ts';
import type { Server } from '../../domain/server.ts';
import type { ServerState } from '../../domain/server-type.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ActionTools, Lookup, ReadingOf } from '../tools.ts';

/** How a Manager names one server of a machine; its own context beside it. */
export interface ManagedServer {
  readonly context: string;
  /** Of the interface: was, web or session. */
  readonly list: 'was' | 'web' | 'session';
  readonly serverId: string;
  readonly nodeName: string;
  readonly systemName: string;
}

/** The Manager's record of a server, as the rows know it. */
const registrationOf = ({ records }: Server, lookup: Lookup): Registration | undefined =>
  records.registration === undefined ? undefined : lookup.get(records.registration);

/** Why no Manager can start or stop it, as known without asking. */
export function whyUnmanaged(server: Server, lookup: Lookup): Text | undefined {
  const registration = registrationOf(server, lookup);
  if (registration === undefined) return text('no Manager has it registered', 'Manager에 등록되어 있지 않음');
  if (registration.isContainer)
    return text(
      'it is a container, which its orchestrator starts and stops',
      '컨테이너는 오케스트레이터가 시작·중지함',
    );
  return nameOf(registration) === undefined
    ? text('the Manager does not tell its node and system', 'Manager가 노드와 시스템을 알려 주지 않음')
    : undefined;
}

/** Throws ACTION_IMPOSSIBLE where it has none. */
export function managedServer(server: Server, lookup: Lookup): ManagedServer {
  const registration = registrationOf(server, lookup);
  const name = registration === undefined ? undefined : nameOf(registration);
  if (name !== undefined) return name;
  const why = whyUnmanaged(server, lookup)?.en ?? 'its record is gone';
  throw appError('ACTION_IMPOSSIBLE', `${server.name} of ${server.ref.context}: ${why}`);
}

function nameOf({
  ref,
  type,
  serverId,
  nodeName,
  systemName,
  isContainer,
}: Registration): ManagedServer | undefined {
  if (isContainer || !nodeName || !systemName) return undefined;
  const list = type === 'web' || type === 'session' ? type : 'was';
  return { context: ref.context, list, serverId, nodeName, systemName };
}

/** The call as the Manager's interface has it; its key is added where it leaves. */
export const actionCall = (server: ManagedServer, action: 'start' | 'stop'): ManagerCall => ({
  system: 'manager',
  method: 'POST',
  path: `/rest/${server.list}/servers/${encodeURIComponent(server.serverId)}/nodes/${encodeURIComponent(server.nodeName)}/systems/${encodeURIComponent(server.systemName)}/action`,
  body: { action },
});

/** What the Manager lists of a server now; `undefined` where it does not list it. */
export interface Listed {
  readonly state: ServerState;
  /** As the Manager words it. */
  readonly status: string;
}

/** Rejects as the remote does, and with UNEXPECTED_ANSWER where there is no list. */
export async function readListed(
  manager: ReadingOf<'manager'>,
  server: ManagedServer,
  signal: AbortSignal,
): Promise<Listed | undefined> {
  const path = `/rest/${server.list}/servers`;
  const records = recordsOf(await manager.get(path, {}, signal));
  if (records === undefined)
    throw appError('UNEXPECTED_ANSWER', `GET ${path} of ${server.context}: holds no list`);
  // Ids may be numbers, and were cleaned when they were first read.
  const isSame = (value: unknown, name: string) =>
    (typeof value === 'string' || typeof value === 'number') && cleanLine(String(value)) === name;
  const found = records
    .filter(isRecord)
    .find(
      (record) =>
        isSame(record['serverId'], server.serverId) &&
        isSame(record['nodeName'], server.nodeName) &&
        isSame(record['systemName'], server.systemName),
    );
  if (found === undefined) return undefined;
  const status = stringOf(found['status']);
  return { state: stateOfStatus(status), status: cleanLine(status ?? 'n/a', 100) };
}

/** Opens the Manager of a server and reads how it stands. Rejects with NOT_FOUND where it is not listed. */
export async function openManaged(server: Server, tools: ActionTools, signal: AbortSignal) {
  const managed = managedServer(server, tools.lookup);
  const manager = await tools.remote('manager', managed.context);
  const listed = await readListed(manager, managed, signal);
  if (listed === undefined) {
    throw appError(
      'NOT_FOUND',
      `Manager ${managed.context} does not list ${managed.systemName}/${managed.nodeName}/${managed.serverId} any more`,
    );
  }
  return { managed, manager, listed };
}

/** The body itself, or its member that is a list. */
function recordsOf(body: JsonValue): readonly unknown[] | undefined {
  if (Array.isArray(body)) return listOf(body);
  if (!isRecord(body)) return undefined;
  const lists = Object.entries(body).filter(([, value]) => Array.isArray(value));
  const [, list] = lists.find(([name]) => name.endsWith('List')) ?? lists[0] ?? [];
  return list === undefined ? undefined : listOf(list);
}
