import type { AuditEntry } from '../domain/audit-entry.ts';
import type { Sent } from '../domain/call.ts';
import type { Job } from '../domain/job.ts';
import type { Plan } from '../domain/plan.ts';
import type { Ref } from '../domain/ref.ts';
import type { SourceFailure } from '../domain/source-status.ts';
import type { Text } from '../domain/text.ts';
import type { ActionKind, AnyAction, InputOption } from './action.ts';

/** What the user asks for. */
export interface Order {
  readonly action: AnyAction;
  readonly targets: readonly Ref<ActionKind>[];
  readonly input: Readonly<Record<string, string>>;
}

/** Whether policy lets a plan pass, and what it asks of the operator first. The strictest of all rules. */
export type Verdict =
  | { readonly state: 'refused'; readonly error: SourceFailure }
  | {
      readonly state: 'allowed';
      readonly confirm: 'none' | 'confirm' | 'type-name';
      readonly needsReason: boolean;
      /** Why more than usual is asked: `context prod-eu is protected` … */
      readonly because: readonly Text[];
    };

export interface Prepared {
  readonly plan: Plan;
  readonly verdict: Verdict;
}

/** What the operator answered to a plan. */
export interface Consent {
  /** What he typed, where the name is asked for. */
  readonly typedName?: string | undefined;
  readonly reason?: string | undefined;
}

export interface RunOptions {
  /** Stops the other targets at the first failure. @default false */
  readonly stopsAtFailure?: boolean;
  /**
   * False leaves out the waits after the last call of each target, and of a group all of those of its last one only:
   * the next of a group waits for the one before. @default true
   */
  readonly waits?: boolean;
  /** Longest for the whole job, ms; @default as the steps say */
  readonly timeoutMs?: number | undefined;
}

export interface RunningJob {
  readonly ref: Ref<'job'>;
  /** Never rejects: what went wrong is in the job. */
  readonly done: Promise<Job>;
}

export interface DryRunResult {
  readonly call: string;
  readonly context: string;
  /** `undefined` where the remote cannot be asked. */
  readonly sent: Sent | undefined;
}

/**
 * The one gate: every change of a remote passes here. plan → policy → dialog or dry run → audit begin → calls →
 * watch → audit end.
 */
export interface Executor {
  readonly actions: readonly AnyAction[];
  /** Why an action cannot act on a row now (mode, rule, permission known so far, the row itself); cheap and pure. */
  disabledReason(action: AnyAction, target: Ref<ActionKind>): Text | undefined;
  /** Asks ahead whether we may (SelfSubjectAccessReview, cached); calls back when an answer may change what is dim. */
  precheck(action: AnyAction, target: Ref<ActionKind>, changed: () => void): void;
  /** The answers a choice offers. Rejects with an AppError. */
  options(order: Order, field: string, signal: AbortSignal): Promise<readonly InputOption[]>;
  /** Plans and judges; changes nothing. Rejects with an AppError (policy refusals known before planning included). */
  prepare(order: Order, signal: AbortSignal): Promise<Prepared>;
  /** Lets the remotes say what they would do; changes nothing. */
  dryRun(prepared: Prepared, signal: AbortSignal): Promise<readonly DryRunResult[]>;
  /**
   * Judges again, writes the audit, then acts. Rejects with an AppError before anything was sent (refused, consent
   * missing, audit not writable); a refusal is audited too.
   */
  run(prepared: Prepared, consent: Consent, options?: RunOptions): Promise<RunningJob>;
  /**
   * Writes down that an action was refused before its targets were known (a mode that allows none of it: then
   * nothing is asked of anybody). `title` is what was asked for, in words.
   */
  noteRefusal(refusal: {
    readonly action: AnyAction;
    readonly title: string;
    readonly error: SourceFailure;
  }): Promise<void>;
  /** No further step or target is begun; what is on its way gets 5 s. */
  cancel(job: Ref<'job'>): void;
  jobs(): readonly Job[];
  onJob(listener: (job: Job) => void): () => void;
  /** Entries of this process as they come; older ones are read by `readAudit`. */
  onAudit(listener: (entry: AuditEntry) => void): () => void;
  /** We leave: as `cancel` of everything, and the audit says `interrupted`. Resolves when all is written. */
  close(): Promise<void>;
}
