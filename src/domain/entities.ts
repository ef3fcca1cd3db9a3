import type { OpsEvent } from './event.ts';
import type { Finding } from './finding.ts';
import type { Instance } from './instance.ts';
import type { ManagerRead, Registration, TemplateDefault } from './registration.ts';
import type { Sender } from './sender.ts';
import type { Server } from './server.ts';
import type { ServiceAddress } from './service-address.ts';
import type { ServiceCluster } from './service-cluster.ts';
import type { ContextView } from './source-status.ts';
import type { Workload } from './workload.ts';

/** What sources put. */
export interface ObservedEntities {
  instance: Instance;
  workload: Workload;
  registration: Registration;
  managerRead: ManagerRead;
  templateDefault: TemplateDefault;
  sender: Sender;
  event: OpsEvent;
  serviceAddress: ServiceAddress;
}
/** What the store derives from them. */
export interface DerivedEntities {
  server: Server;
  serviceCluster: ServiceCluster;
  finding: Finding;
  context: ContextView;
}
export interface Entities extends ObservedEntities, DerivedEntities {}
