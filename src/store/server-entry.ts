import { ServerHistory } from '../diagnosis/health/server-history.ts';
import type { OpsEvent } from '../domain/event.ts';
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
  sampleAt = 0;
  workloadKey: string | undefined;
  pairKey: string | undefined;

  readonly lookAgainAt = (at: number): void => {
    if (at < this.dueAt) this.dueAt = at;
  };
}
