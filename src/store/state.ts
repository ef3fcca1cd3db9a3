import type { StoreApi } from 'zustand/vanilla';
import type { HealthLevels } from '../diagnosis/health/health-levels.ts';
import type { Entities } from '../domain/entities.ts';
import type { OpsEvent } from '../domain/event.ts';
import type { Acknowledgement, Finding } from '../domain/finding.ts';
import type { FullGc } from '../domain/jvm-sample.ts';
import type { Kind } from '../domain/kind.ts';
import type { ContextKind } from '../domain/place.ts';
import type { Change, TelemetryStock } from '../domain/ports.ts';
import type { Ref } from '../domain/ref.ts';
import type { SenderHistory, SeriesId, SeriesPoint, SeriesResolution } from '../domain/series.ts';
import type { ServerType } from '../domain/server-type.ts';
import type { SourceFacts, SourceStatus } from '../domain/source-status.ts';

/** Rows by `refKey`. The map is changed in place; `version` moves whenever it was. */
export interface Table<Row> {
  readonly rows: ReadonlyMap<string, Row>;
  readonly version: number;
}

export interface ConsoleState {
  readonly tables: { readonly [K in Kind]: Table<Entities[K]> };
  /** Epoch ms, moved by `tick`. */
  readonly now: number;
}

/** What the store must know of a configured target before its source says anything. */
export interface ContextSettings {
  readonly name: string;
  readonly kind: ContextKind;
  readonly isProtected: boolean;
  /** Contexts of one network may match by address; @default its own name. */
  readonly network: string;
  /** For a Manager: names of the contexts it serves. */
  readonly serves: readonly string[];
}

/** `servers.rules` and `servers.identity` of the config. */
export interface ServerRule {
  /** Glob over the image or the name. */
  readonly image?: string | undefined;
  readonly name?: string | undefined;
  readonly type: ServerType;
}
export interface IdentityRule {
  /** Sender or registration name (glob) → server name in a context. */
  readonly from: string;
  readonly context: string;
  readonly server: string;
}

export interface StoreOptions {
  readonly contexts: readonly ContextSettings[];
  readonly rules: readonly ServerRule[];
  readonly identity: readonly IdentityRule[];
  readonly now: number;
  /** `health` of the config; @default the documented levels */
  readonly health?: HealthLevels | undefined;
}

export interface ConsoleStore {
  readonly state: StoreApi<ConsoleState>;
  /** Applies changes of any number of sources at once, joins what they touch, and publishes one new state. */
  apply(batch: readonly Change[]): void;
  setStatus(context: string, status: SourceStatus): void;
  setFacts(context: string, facts: SourceFacts): void;
  /** Moves `now` and what follows from time alone (silent, not registered, gone, stale). */
  tick(now: number): void;
  /** States every acknowledgement there is; one that ran out counts for nothing. */
  setAcknowledgements(list: readonly Acknowledgement[]): void;
  /** Newest first, bounded. */
  events(target: Ref): readonly OpsEvent[];
  findings(target: Ref): readonly Finding[];
  /** Oldest first; empty where that series is not kept of it. */
  series(server: Ref<'server'>, id: SeriesId, resolution?: SeriesResolution): readonly SeriesPoint[];
  /** Full collections seen, oldest first, at most 32. */
  fullGcs(server: Ref<'server'>): readonly FullGc[];
  /** Keeps all series of these servers until the answer is called; what was kept already goes on. */
  watch(servers: readonly Ref<'server'>[]): () => void;
  /** Takes over what another process remembers of its senders; steps known here stay. */
  applyHistory(batch: readonly SenderHistory[]): void;
  /** All that is known of the senders of one receiver. */
  stock(context: string): TelemetryStock;
  /** LENA service cluster names that servers of these contexts name; Managers read their default revisions. */
  serviceClustersOf(contexts: readonly string[]): readonly string[];
}
