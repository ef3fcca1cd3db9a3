import type { FindingInput } from '../diagnosis/findings/finding-input.ts';
import { ServerHistory } from '../diagnosis/health/server-history.ts';
import type { OpsEvent } from '../domain/event.ts';
import type { Finding } from '../domain/finding.ts';
import type { Server } from '../domain/server.ts';
import type { ServerAlarms } from './alarms.ts';
import type { FoundDraft } from './finding-table.ts';
import type { ServerRecords } from './server-records.ts';
import type { ServerFacts } from './server-row.ts';

const NO_EVENTS: readonly OpsEvent[] = [];

/** What the desk keeps of one server beside its row. */
export class ServerEntry {
  readonly history = new ServerHistory();
  records: ServerRecords = {};
  facts: ServerFacts | undefined;
  /** Next instant at which time alone may change its health or findings. */
  dueAt = Number.POSITIVE_INFINITY;
  alerts: readonly OpsEvent[] = NO_EVENTS;
  /** Its health has reasons that all series of the JVM explain. */
  isTroubled: boolean = false;
  /** Alarms its health raised. */
  alarms: ServerAlarms | undefined;
  clusterKey: string | undefined;
  /** The row as published. */
  server: Server | undefined;
  findings: readonly Finding[] = [];
  /** What the rules that do not read datagrams found last, and when they want to be asked again. */
  standing: readonly FoundDraft[] = [];
  standingDueAt = Number.POSITIVE_INFINITY;
  /** What those rules were asked with; a datagram changes only a part of it. */
  input: FindingInput | undefined;
  workloadKey: string | undefined;
  pairKey: string | undefined;

  readonly lookAgainAt = (at: number): void => {
    if (at < this.dueAt) this.dueAt = at;
  };
}
