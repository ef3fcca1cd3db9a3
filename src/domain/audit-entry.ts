import type { CallOutcome } from './call.ts';
import { RESULT_STATES, type ResultState } from './job.ts';
import type { Facts } from './plan.ts';
import type { Effect, Mode } from './policy.ts';
import type { Ref } from './ref.ts';

/** Who acted, on this machine and there. */
export interface Actor {
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** Where the SSH connection came from. */
  readonly sshFrom?: string | undefined;
  /** By context. */
  readonly identities: Readonly<Record<string, string>>;
}
export interface AuditTarget {
  readonly ref: Ref;
  readonly context: string;
  readonly namespace?: string | undefined;
  readonly kind: string;
  readonly name: string;
  readonly before: Facts;
  readonly after?: Facts | undefined;
  /** Absent while it is not known: the record of its end is missing. */
  readonly result?: ResultState | undefined;
  readonly error?: string | undefined;
}
export interface AuditCall {
  readonly context: string;
  readonly title: string;
  /** The exact request as one line of JSON, secrets masked. */
  readonly request: string;
  readonly outcome?: CallOutcome | undefined;
  readonly at?: number | undefined;
}
/** What the operator was shown, beside targets and calls; secrets masked. */
export interface AuditPlan {
  readonly input: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly diff: readonly string[];
}
export const AUDIT_RESULTS = ['running', 'unfinished', 'partial', 'refused', ...RESULT_STATES] as const;
export type AuditResult = (typeof AUDIT_RESULTS)[number];

/** One action as the audit tells it; a row of `:audit`. */
export interface AuditEntry {
  /** Its context is that of its first target. */
  readonly ref: Ref<'audit'>;
  readonly at: number;
  readonly endedAt?: number | undefined;
  readonly actor: Actor;
  readonly mode: Mode;
  readonly action: string;
  readonly effect: Effect;
  readonly title: string;
  readonly reason?: string | undefined;
  readonly targets: readonly AuditTarget[];
  readonly calls: readonly AuditCall[];
  readonly plan?: AuditPlan | undefined;
  /** `unfinished`: begun, and its process ended without a word. */
  readonly result: AuditResult;
  /** Why it was refused. */
  readonly error?: string | undefined;
}
