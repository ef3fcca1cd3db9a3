import type { EventLevel } from '../../domain/event.ts';
import type { FullGc } from '../../domain/jvm-sample.ts';
import type { Sender } from '../../domain/sender.ts';
import type { HistoryBlock } from '../../domain/series.ts';

/** Grows when a reader of the version before would misread the stream; new optional fields do not need it. */
export const RELAY_VERSION = 1;
/** A line longer than this is no frame. */
export const MAX_LINE_BYTES = 1_048_576;
/** Senders one stream may tell of. */
export const MAX_RELAY_SENDERS = 20_000;
/** An owner says something at least this often. */
export const BEAT_MS = 2_000;

/** Who speaks: a console that owns the port, a collector that does, or one that copies a stream. */
export type RelayRole = 'console' | 'collector' | 'reader';

/** First frame of both sides; an owner whose port changed hands says it anew. Instants are the speaker's clock. */
export interface RelayHello {
  readonly type: 'hello';
  /** Version of l9s. */
  readonly program: string;
  /** One life of one receiver; two hellos of one instance tell of the same counts. */
  readonly instance: string;
  /** The instance whose counts this one goes on with. */
  readonly inherits?: string | undefined;
  readonly role: RelayRole;
  readonly pid: number;
  /** Where it receives, e.g. `0.0.0.0:16100`. */
  readonly listen: string;
  /** It does not own the port yet. */
  readonly isWaiting: boolean;
  readonly at: number;
}

/** A sender by its id alone: the context is the reader's. */
export type SenderRecord = Omit<Sender, 'ref'> & { readonly id: string };
export type SenderField = Exclude<keyof Sender, 'ref'>;
/** What became another one in a sender that was told before. */
export interface SenderPatch {
  readonly id: string;
  readonly set: { readonly [Field in SenderField]?: Sender[Field] | undefined };
  readonly gone: readonly SenderField[];
}
export interface EventRecord {
  readonly id: string;
  readonly at: number;
  readonly level: EventLevel;
  readonly type: string;
  readonly message: string;
  readonly count?: number | undefined;
  /** Id of the sender it is about. */
  readonly target?: string | undefined;
  readonly targetName: string;
}
export interface HistoryRecord {
  readonly id: string;
  readonly blocks: readonly HistoryBlock[];
  readonly fullGcs: readonly FullGc[];
}
/** What the receiver counts, every second. */
export interface RelayFacts {
  readonly type: 'facts';
  readonly at: number;
  readonly isWaiting: boolean;
  /** Of the last datagram of anybody. */
  readonly lastGoodAt?: number | undefined;
  readonly perMinute?: number | undefined;
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/** One line of the stream: hello, all there is, `ready`, then what changes. */
export type RelayFrame =
  | RelayHello
  | RelayFacts
  | { readonly type: 'senders'; readonly senders: readonly SenderRecord[] }
  | { readonly type: 'patches'; readonly patches: readonly SenderPatch[] }
  | { readonly type: 'drops'; readonly ids: readonly string[] }
  | { readonly type: 'history'; readonly history: readonly HistoryRecord[] }
  | { readonly type: 'events'; readonly events: readonly EventRecord[] }
  | { readonly type: 'ready' }
  | { readonly type: 'beat'; readonly at: number }
  /** The owner ends the stream; `slow` where the reader did not keep up, `full` where too many read. */
  | { readonly type: 'bye'; readonly reason: 'leaving' | 'yielded' | 'slow' | 'full' };
