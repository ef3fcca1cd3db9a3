import type { DiffBlock, PlanDraft } from '../../domain/plan.ts';
import type { Ref } from '../../domain/ref.ts';
import type { Workload } from '../../domain/workload.ts';
import type { ActionTools } from '../tools.ts';

export interface Reading {
  readonly tools: ActionTools;
  readonly signal: AbortSignal;
}

/** What the places found say of one back end; they are turned into targets once the revision was checked. */
export interface Survey {
  readonly serviceCluster: string;
  /** Values that are set now and will be replaced. */
  readonly seen: readonly string[];
  /** Rows of the workloads that will change, as far as there are any. */
  readonly workloads: readonly Workload[];
  readonly diff: (value: string) => readonly DiffBlock[];
  readonly build: (to: SwitchTo) => Promise<Pick<PlanDraft, 'targets' | 'warnings'>>;
}
export interface SwitchTo {
  /** `shop:5`, or `shop` for the default. */
  readonly value: string;
  /** The revision that will run. */
  readonly revision: string;
  /** The command that puts back what a workload had set. */
  readonly wayBack: (workload: Ref, seen: string) => string;
}
export interface SurveyQuestion {
  readonly workloads: readonly Workload[];
  readonly serviceCluster: string | undefined;
  readonly valueFor: (serviceCluster: string) => string;
}
