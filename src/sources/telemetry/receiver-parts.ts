import type { EventBook } from './event-book.ts';
import type { RateLimit } from './pulse.ts';
import type { SenderTable } from './sender-table.ts';
import type { Tallies } from './tallies.ts';
import type { ValueBudget } from './value-budget.ts';

/** What the receivers of all forms share. */
export interface ReceiverParts {
  readonly context: string;
  readonly table: SenderTable;
  readonly events: EventBook;
  readonly tallies: Tallies;
  /** Of one sender. */
  readonly limit: RateLimit;
  readonly budget: ValueBudget;
}
