import type { Ref } from './ref.ts';
import type { Text } from './text.ts';

export type EventLevel = 'info' | 'warning' | 'error' | 'critical';

/** Something that happened, with its time and target. */
export interface OpsEvent {
  readonly ref: Ref<'event'>;
  readonly at: number;
  readonly level: EventLevel;
  /** As its system names it: `BackOff`, `FULL-GC`, `service-steady` … */
  readonly type: string;
  readonly message: string;
  /** The message in every language, where it is our own. */
  readonly said?: Text | undefined;
  /** Raised here by a health rule: it follows from a server's health and is no news to it. */
  readonly isAlarm?: true | undefined;
  /** How many times, where its system folds repeats. */
  readonly count?: number | undefined;
  /** The thing it is about, where that is a known one. */
  readonly target?: Ref | undefined;
  readonly targetName: string;
}
