import type { Analysis, Evidence } from './analysis.ts';
import type { AuditEntry } from './audit-entry.ts';
import type { Dump, DumpPeer } from './dump.ts';
import type { OpsEvent } from './event.ts';
import type { Finding } from './finding.ts';
import type { Instance } from './instance.ts';
import type { Job } from './job.ts';
import type { ProbeReading } from './probe-reading.ts';
import type { RecentChange } from './recent-change.ts';
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
  probe: ProbeReading;
  event: OpsEvent;
  serviceAddress: ServiceAddress;
  job: Job;
  audit: AuditEntry;
  dump: Dump;
  peer: DumpPeer;
  analysis: Analysis;
  evidence: Evidence;
}
/** What the store derives from them. */
export interface DerivedEntities {
  server: Server;
  serviceCluster: ServiceCluster;
  finding: Finding;
  context: ContextView;
  change: RecentChange;
}
export interface Entities extends ObservedEntities, DerivedEntities {}
