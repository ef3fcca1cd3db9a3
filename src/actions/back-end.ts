import type { BackEnd } from '../domain/remote.ts';
import type { Server } from '../domain/server.ts';
import { type Text, text } from '../domain/text.ts';
import type { Workload } from '../domain/workload.ts';

/** Who acts on a server: its orchestrator; for one that has none, the Manager that has it registered. */
export function backEndOfServer({ contextKind, records }: Server): BackEnd | undefined {
  switch (contextKind) {
    case 'kube':
    case 'ecs':
    case 'manager':
      return contextKind;
    case 'hosts':
      return records.registration === undefined ? undefined : 'manager';
    case 'udp':
      return undefined;
  }
}

/** Why nobody can act on a server. */
export function whyNobody({ contextKind, records }: Server): Text | undefined {
  switch (contextKind) {
    case 'kube':
    case 'ecs':
    case 'manager':
      return undefined;
    case 'hosts':
      return records.registration === undefined
        ? text('no Manager has it registered', 'Manager에 등록되어 있지 않음')
        : undefined;
    case 'udp':
      return text('nothing but its own datagrams tells of it', '자신의 데이터그램 외에는 알려진 것이 없음');
  }
}

/** The same for what only Managers do; an orchestrator has its own way to it, which the verb names. */
export const whyNoManager = (
  server: Server,
  otherwise: { readonly kube: Text; readonly ecs: Text },
): Text | undefined =>
  server.contextKind === 'kube' || server.contextKind === 'ecs'
    ? otherwise[server.contextKind]
    : whyNobody(server);

/** Who starts and stops a server of a machine: only Managers do. */
export const backEndOfManaged = (server: Server): BackEnd | undefined =>
  backEndOfServer(server) === 'manager' ? 'manager' : undefined;

/** Who acts on a workload: only orchestrators have them. */
export function backEndOfWorkload({ contextKind }: Workload): BackEnd | undefined {
  return contextKind === 'kube' || contextKind === 'ecs' ? contextKind : undefined;
}
