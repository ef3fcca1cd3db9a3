import type { Call, CallRequest, JsonValue } from './call.ts';
import { type Effect, gravest } from './policy.ts';
import type { Ref } from './ref.ts';
import type { SourceFailure } from './source-status.ts';
import type { Text, Words } from './text.ts';

/** What is known of a target before or after, for plan and audit; secrets are masked before they get here. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** One thing a step waits for, e.g. a pod of a rollout. */
export interface ProgressPart {
  readonly name: string;
  readonly state: 'waiting' | 'done' | 'failed';
  readonly detail?: string | undefined;
}
export type Progress =
  | {
      readonly state: 'waiting' | 'done';
      readonly detail?: string | undefined;
      readonly parts?: readonly ProgressPart[] | undefined;
    }
  | {
      readonly state: 'failed';
      readonly error: SourceFailure;
      readonly parts?: readonly ProgressPart[] | undefined;
    };

export interface CallStep {
  readonly type: 'call';
  readonly call: Call;
  /**
   * Completes the request with what earlier calls of this target answered (e.g. the ARN just registered); the audit
   * holds what was really sent. @default the call's own request
   */
  readonly complete?: ((answers: readonly JsonValue[]) => CallRequest) | undefined;
  /** Once this call was carried out, or cannot be told not to have been, nothing of its target is put back. */
  readonly isNoReturn?: boolean | undefined;
  /** Of a target's `restore`: the call it puts back; sent only where that one may have been carried out. */
  readonly undoes?: CallStep | undefined;
}
/** Looks until something holds, every `everyMs`; a rejection of `check` counts as waiting and is shown. */
export interface WaitStep {
  readonly type: 'wait';
  readonly title: Text;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly check: (signal: AbortSignal) => Promise<Progress>;
}
/** What is asked of a server to get a file from it, as it is shown and audited. */
export interface TakeRequest {
  /** The context of the server. */
  readonly context: string;
  /** What it does, in one line. */
  readonly title: Text;
  /** With whom, e.g. `pod exec in shop/was-1 (lena-was)`. */
  readonly through: string;
  /** The requests or commands, in their order; those after the first are tried where the one before cannot be had. */
  readonly asks: readonly string[];
  /** How often it is asked for. @default 1 */
  readonly times?: number | undefined;
}
/** How a taking stands. */
export interface TakeProgress {
  readonly detail?: Words | undefined;
  readonly taken?: readonly Ref<'dump'>[] | undefined;
}
/** Takes something from a server into a file here. */
export interface TakeStep {
  readonly type: 'take';
  readonly request: TakeRequest;
  readonly timeoutMs: number;
  /**
   * Rejects with an AppError; leaves no half file. The signal aborts when it is cancelled or takes too long; `reason`
   * is the operator's.
   */
  readonly run: (
    report: (progress: TakeProgress) => void,
    signal: AbortSignal,
    given: { readonly reason?: string | undefined },
  ) => Promise<void>;
  /** What came of it, for the audit: names, sizes, hashes. */
  readonly result: () => Facts;
}
export type Step = CallStep | WaitStep | TakeStep;
/** What a step says of itself in one line. */
export function stepTitle(step: Step): Text {
  switch (step.type) {
    case 'call':
      return step.call.title;
    case 'take':
      return step.request.title;
    case 'wait':
      return step.title;
  }
}
/** How many calls a step stands for. */
export function callCount(step: Step): number {
  switch (step.type) {
    case 'call':
      return 1;
    case 'take':
      return step.request.times ?? 1;
    case 'wait':
      return 0;
  }
}
/** Steps that ask something of a remote; each has its place in the audit. */
export const isAsking = (step: Step): step is CallStep | TakeStep => step.type !== 'wait';

/** One thing that is changed: its steps run in order, and the first that does not succeed ends them. */
export interface PlanTarget {
  readonly ref: Ref;
  readonly context: string;
  readonly namespace?: string | undefined;
  /** What it is, as policy rules name it: Deployment, Pod, Task, EcsService, Server … */
  readonly kind: string;
  readonly name: string;
  readonly steps: readonly Step[];
  /**
   * Sent when a step failed or was left by a cancel, e.g. to put a partition back. The first without `undoes` that
   * fails ends the rest; those with one stand alone.
   */
  readonly restore?: readonly CallStep[] | undefined;
  readonly before: Facts;
  /** How to go back once it was sent, after "to go back: "; said where it is not watched to its end. */
  readonly wayBack?: Text | undefined;
  /** Targets of one group run one after another and stop at the first that fails (a session pair). */
  readonly group?: string | undefined;
}

/** Something the operator must know before he agrees. */
export interface PlanWarning {
  /** `danger` asks for the name to be typed whatever the effect. */
  readonly level: 'info' | 'warn' | 'danger';
  /** Stable kebab-case name, e.g. `manager-silent`. */
  readonly code: string;
  readonly text: Text;
}
/** Lines of a change as text: `-` before, `+` after, space for both. */
export interface DiffBlock {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What an action worked out for its targets. */
export interface PlanDraft {
  readonly targets: readonly PlanTarget[];
  readonly warnings: readonly PlanWarning[];
  readonly diff: readonly DiffBlock[];
  /** Where these inputs ask for more than the verb says of itself, e.g. a heap among the files that are fetched. */
  readonly effect?: Effect | undefined;
}
/** What will be done, exactly: shown, confirmed, audited and then carried out as it stands. */
export interface Plan extends PlanDraft {
  readonly action: string;
  readonly effect: Effect;
  /** Verb, targets and context in one line. */
  readonly title: Text;
  /** What the operator types where the name is asked for. */
  readonly nameToType: string;
  readonly input: Readonly<Record<string, string>>;
}

export const EMPTY_DRAFT: PlanDraft = { targets: [], warnings: [], diff: [] };
export const joinDrafts = (drafts: readonly PlanDraft[]): PlanDraft => ({
  targets: drafts.flatMap(({ targets }) => targets),
  warnings: drafts.flatMap(({ warnings }) => warnings),
  diff: drafts.flatMap(({ diff }) => diff),
  effect: drafts.reduce<Effect>((worst, { effect = worst }) => gravest(worst, effect), 'observe'),
});
