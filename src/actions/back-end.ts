import type { BackEnd } from '../domain/remote.ts';
import type { Server } from '../domain/server.ts';
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

/** Who starts and stops a server of a machine: only Managers do. */
export const backEndOfManaged = (server: Server): BackEnd | undefined =>
  backEndOfServer(server) === 'manager' ? 'manager' : undefined;

/** Who acts on a workload: only orchestrators have them. */
export function backEndOfWorkload({ contextKind }: Workload): BackEnd | undefined {
  return contextKind === 'kube' || contextKind === 'ecs' ? contextKind : undefined;
}
