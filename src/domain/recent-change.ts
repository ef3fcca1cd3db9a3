import type { Ref } from './ref.ts';
import type { Text } from './text.ts';

/** Something that changed in the last hour; a row of `:changes`. */
export interface RecentChange {
  readonly ref: Ref<'change'>;
  readonly at: number;
  readonly what: 'rollout' | 'revision' | 'config' | 'restart' | 'scale' | 'action';
  readonly text: Text;
  readonly target?: Ref | undefined;
  readonly targetName: string;
  /** Who did it, where that is known: our own actions. */
  readonly by?: string | undefined;
}
