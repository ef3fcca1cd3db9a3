import type { HealthLevel } from './health.ts';
import type { Ref } from './ref.ts';
import type { Text } from './text.ts';

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
}
