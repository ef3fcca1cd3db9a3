import type { Executor } from '../actions/acting.ts';
import type { Lifts } from '../actions/lift.ts';
import type { RevisionCheck, RevisionDiff } from '../actions/template/diff-revisions.ts';
import type { Lookup } from '../actions/tools.ts';
import type { Acknowledgement } from '../domain/finding.ts';
import type { ModeInForce } from '../domain/policy.ts';
import type { Ref } from '../domain/ref.ts';
import type { ServiceCluster } from '../domain/service-cluster.ts';

/** Reads of template revisions at their Manager, as a user writes them (`12`, `default`); both reject with an AppError. */
export interface TemplateReads {
  diff(
    cluster: ServiceCluster,
    revisions: readonly [from: string, to: string],
    signal: AbortSignal,
  ): Promise<RevisionDiff>;
  check(cluster: ServiceCluster, revision: string, signal: AbortSignal): Promise<RevisionCheck>;
}

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
  readonly templates: TemplateReads;
  /** Deletes its file here, and audits it; rejects with an AppError. */
  removeDump(dump: Ref<'dump'>): Promise<void>;
}
