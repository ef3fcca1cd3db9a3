import type { ObservedEntities } from './entities.ts';
import type { OpsEvent } from './event.ts';
import type { ObservedKind } from './kind.ts';
import type { Ref } from './ref.ts';
import type { Sender } from './sender.ts';
import type { SenderHistory } from './series.ts';
import type { SourceFacts, SourceStatus } from './source-status.ts';

/** `replace` states all entities of a kind in a context: what it does not list is gone. */
export type Change = {
  [K in ObservedKind]:
    | { readonly type: 'put'; readonly kind: K; readonly entity: ObservedEntities[K] }
    | { readonly type: 'drop'; readonly kind: K; readonly ref: Ref<K> }
    | {
        readonly type: 'replace';
        readonly kind: K;
        readonly context: string;
        readonly entities: readonly ObservedEntities[K][];
      };
}[ObservedKind];

/** Where a source puts what it learns; never blocks, never throws. */
export interface Sink {
  changes(batch: readonly Change[]): void;
  status(status: SourceStatus): void;
  facts(facts: SourceFacts): void;
  /** What another process remembers of its senders; steps that are known here stay as they are. */
  history?(batch: readonly SenderHistory[]): void;
}

/** What a receiver of datagrams hands to a process that attaches to it: all it knows, read at that moment. */
export interface TelemetryStock {
  senders(): Iterable<Sender>;
  history(): Iterable<SenderHistory>;
  /** Of its senders, newest first. */
  events(): Iterable<OpsEvent>;
}

/**
 * Turns one remote system into changes. `run` returns within a second of the abort and never rejects after start:
 * what goes wrong is a status. Text is cleaned and secrets are masked before they reach the sink.
 */
export interface Source {
  /** The context's name. */
  readonly context: string;
  run(sink: Sink, signal: AbortSignal): Promise<void>;
  /** Asks for fresh data now (`^r`). */
  refresh?(): void;
}
