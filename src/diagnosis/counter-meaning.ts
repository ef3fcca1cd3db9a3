import type { Text } from '../domain/text.ts';

/** What a counter means that a datagram carries; `unit` is absent where nobody documents it. */
export interface CounterMeaning {
  readonly unit?: string | undefined;
  readonly meaning: Text;
  /** The same of its five-minute variant, where the time is part of what it means. */
  readonly over5Minutes?: Text | undefined;
  /** What each item stands for, where the counter is a list. */
  readonly items?: readonly { readonly name: string; readonly unit: string }[] | undefined;
}
