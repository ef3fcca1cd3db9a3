import type { Executor } from '../actions/acting.ts';
import type { Lookup } from '../actions/tools.ts';
import type { Acknowledgement } from '../domain/finding.ts';
import type { ModeInForce } from '../domain/policy.ts';
import type { Text } from '../domain/text.ts';

/** A looser mode for one context, for a while. */
export interface Lift {
  readonly context: string;
  readonly reason: string;
  /** Epoch ms. */
  readonly until: number;
}

/** Lifts in force and how to ask for one. */
export interface LiftPort {
  readonly maxMinutes: number;
  active(): readonly Lift[];
  /** Why none can be had for this context. */
  disabledReason(context: string): Text | undefined;
  /** Audited; rejects with an AppError. */
  begin(order: {
    readonly context: string;
    readonly reason: string;
    readonly minutes: number;
  }): Promise<void>;
}

/** What the console may ask of the gate. */
export interface Acting {
  readonly executor: Executor;
  readonly lookup: Lookup;
  /** The mode that holds for a context now. */
  modeOf(context: string): ModeInForce;
  readonly lift: LiftPort;
  /** Keeps it where all consoles find it, and audits it; rejects with an AppError. `by` and `at` are filled in there. */
  acknowledge(order: Pick<Acknowledgement, 'finding' | 'reason' | 'until'>): Promise<void>;
}
