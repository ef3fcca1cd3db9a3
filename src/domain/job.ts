import type { CallOutcome } from './call.ts';
import type { ProgressPart } from './plan.ts';
import type { Ref } from './ref.ts';
import type { SourceFailure } from './source-status.ts';
import type { Text, Words } from './text.ts';

/**
 * `sent`: accepted, and not waited for as was asked; `unknown`: something was sent and its outcome cannot be told;
 * `interrupted`: we left while it ran.
 */
export const RESULT_STATES = [
  'done',
  'sent',
  'failed',
  'unknown',
  'timedOut',
  'notStarted',
  'cancelled',
  'interrupted',
] as const;
export type ResultState = (typeof RESULT_STATES)[number];

/** True where all that was asked for was done: what was not to be waited for included. */
export const isAccomplished = (state: JobTarget['state'] | Job['state']): boolean =>
  state === 'done' || state === 'sent';

export interface JobTarget {
  readonly ref: Ref;
  readonly context: string;
  readonly name: string;
  readonly state: 'waiting' | 'running' | ResultState;
  /** The step it is at, or what ended it. */
  readonly step?: Text | undefined;
  readonly detail?: Words | undefined;
  readonly parts?: readonly ProgressPart[] | undefined;
  /** Dumps it has taken so far. */
  readonly taken?: readonly Ref<'dump'>[] | undefined;
  readonly error?: SourceFailure | undefined;
  /** Of the calls made so far, in order. */
  readonly outcomes: readonly CallOutcome[];
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
}

/** One confirmed plan on its way; a row of `:jobs`. */
export interface Job {
  /** Its context is that of its first target; its id is the audit's. */
  readonly ref: Ref<'job'>;
  readonly action: string;
  readonly title: Text;
  readonly state: 'running' | 'partial' | ResultState;
  readonly isCancelling: boolean;
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  readonly reason?: string | undefined;
  readonly targets: readonly JobTarget[];
  /** Why its record in the audit is not complete. */
  readonly auditError?: SourceFailure | undefined;
}
