import type { Clock } from '../core/clock.ts';
import type { Entities } from '../domain/entities.ts';
import type { Kind } from '../domain/kind.ts';
import type { Ref } from '../domain/ref.ts';
import type { BackEnd, RemoteOf } from '../domain/remote.ts';

/** What is known now, read from the store; datagrams are never read through it (`jvm`, `heartbeat` are advice). */
export interface Lookup {
  get<K extends Kind>(ref: Ref<K>): Entities[K] | undefined;
  all<K extends Kind>(kind: K): Iterable<Entities[K]>;
  /** Managers whose `serves` names the context, or that see it without naming any. */
  managersServing(context: string): readonly string[];
  /** Contexts a Manager serves. */
  servedBy(manager: string): readonly string[];
}

/** What a plan may use: what is known, and reads of the remotes. Nothing here changes anything. */
export interface ActionTools {
  readonly lookup: Lookup;
  readonly clock: Clock;
  /** The remote of a context; rejects with an AppError where it is none of that kind or cannot be opened. */
  remote<B extends BackEnd>(kind: B, context: string): Promise<ReadingOf<B>>;
}
/** A remote without its way to change anything: that is the executor's alone. */
export type ReadingOf<B extends BackEnd> = Omit<RemoteOf<B>, 'send' | 'dryRun' | 'close'>;
