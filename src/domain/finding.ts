import type { HealthLevel } from './health.ts';
import type { Ref } from './ref.ts';
import type { Text } from './text.ts';

/** An operator knows of a finding and does not want to hear of it for a while. */
export interface Acknowledgement {
  readonly finding: Ref<'finding'>;
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  /** Epoch ms; then it counts again. */
  readonly until: number;
}

/** A fact only the join can see; it says since when, why, and what to do next. */
export interface Finding {
  /** Its id is `code:target`. */
  readonly ref: Ref<'finding'>;
  readonly code: string;
  readonly level: HealthLevel;
  readonly text: Text;
  readonly next: Text;
  readonly target: Ref;
  readonly targetName: string;
  readonly since: number;
  /** It is shown, dim and last, and counts nowhere. */
  readonly acknowledged?: Omit<Acknowledgement, 'finding'> | undefined;
}
