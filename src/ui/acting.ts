import type { Executor } from '../actions/acting.ts';
import type { Lifts } from '../actions/lift.ts';
import type { Lookup } from '../actions/tools.ts';
import type { Acknowledgement } from '../domain/finding.ts';
import type { ModeInForce } from '../domain/policy.ts';

/** What the console may ask of the gate. */
export interface Acting {
  readonly executor: Executor;
  readonly lookup: Lookup;
  /** The mode that holds for a context now. */
  modeOf(context: string): ModeInForce;
  /** Lifts in force and how to ask for one. */
  readonly lift: Pick<Lifts, 'maxMinutes' | 'active' | 'disabledReason' | 'begin'>;
  /** Keeps it where all consoles find it, and audits it; rejects with an AppError. `by` and `at` are filled in there. */
  acknowledge(order: Pick<Acknowledgement, 'finding' | 'reason' | 'until'>): Promise<void>;
}
