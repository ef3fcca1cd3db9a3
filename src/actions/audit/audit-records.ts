import type { AuditCall, AuditEntry } from '../../domain/audit-entry.ts';
import type { CallOutcome } from '../../domain/call.ts';
import type { ResultState } from '../../domain/job.ts';
import type { Facts } from '../../domain/plan.ts';
import type { ProcessMark } from './audit-process.ts';

/** Of every line; raised when a reader of the former could misread it. */
export const AUDIT_VERSION = 1;

export interface AuditEnd {
  readonly at: number;
  readonly result: AuditEntry['result'];
  readonly error?: string | undefined;
  /** In the order of the entry's targets. */
  readonly targets: readonly {
    readonly result: ResultState;
    readonly error?: string | undefined;
    readonly after?: Facts | undefined;
  }[];
}
export interface AuditOutcome {
  readonly outcome: CallOutcome;
  readonly error?: string | undefined;
}

/**
 * Lines of an audit file. `whole` is an entry that began and ended in one (a refusal). `call` is the place in the entry's calls; those a plan holds in reserve (to restore) come
 * after them as they are sent. A `sending` without its `sent` is a call that may have been carried out.
 */
export type EntryRecord =
  | { readonly type: 'begin'; readonly id: string; readonly entry: AuditEntry }
  | { readonly type: 'whole'; readonly id: string; readonly entry: AuditEntry }
  | {
      readonly type: 'sending';
      readonly id: string;
      readonly at: number;
      readonly call: number;
      readonly context: string;
      readonly title: string;
      readonly request: string;
    }
  | ({
      readonly type: 'sent';
      readonly id: string;
      readonly at: number;
      readonly call: number;
    } & AuditOutcome)
  | ({ readonly type: 'end'; readonly id: string; readonly durationMs: number } & AuditEnd);

/** The first line of a file: whose it is. */
export type ProcessRecord = { readonly type: 'process'; readonly at: number } & ProcessMark;
export type AuditRecord = ProcessRecord | EntryRecord;

export const auditLine = (record: AuditRecord): string =>
  `${JSON.stringify({ v: AUDIT_VERSION, ...record })}\n`;

export function withCall(entry: AuditEntry, place: number, call: AuditCall): AuditEntry {
  const calls = [...entry.calls];
  calls[place] = call;
  return { ...entry, calls };
}

export function withOutcome(entry: AuditEntry, call: number, outcome: CallOutcome): AuditEntry {
  const before = entry.calls[call];
  return before === undefined ? entry : withCall(entry, call, { ...before, outcome });
}

export function withEnd(entry: AuditEntry, end: AuditEnd): AuditEntry {
  return {
    ...entry,
    endedAt: end.at,
    result: end.result,
    ...(end.error === undefined ? {} : { error: end.error }),
    targets: entry.targets.map((target, at) => ({ ...target, ...end.targets[at] })),
  };
}
