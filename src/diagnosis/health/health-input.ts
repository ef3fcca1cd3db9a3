import type { OpsEvent } from '../../domain/event.ts';
import type { Finding } from '../../domain/finding.ts';
import type { HealthReason } from '../../domain/health.ts';
import type { Instance } from '../../domain/instance.ts';
import type { JvmSample } from '../../domain/jvm-sample.ts';
import type { ServerState } from '../../domain/server-type.ts';
import type { SourceStatus } from '../../domain/source-status.ts';
import type { ServerHistory } from './server-history.ts';

/** `health` of the config; shares are 0–1. */
export interface HealthLevels {
  readonly afterGcWarn: number;
  readonly afterGcError: number;
  /** Old-generation collections in a row that must leave so much behind. */
  readonly forGcs: number;
  readonly gcOverheadWarn: number;
  readonly gcOverheadError: number;
  /** Requests over 8 s seen for this long are stuck. */
  readonly stuckMs: number;
}
/** The defaults of the configuration's `health`. */
export const DEFAULT_HEALTH_LEVELS: HealthLevels = {
  afterGcWarn: 0.75,
  afterGcError: 0.9,
  forGcs: 3,
  gcOverheadWarn: 0.1,
  gcOverheadError: 0.25,
  stuckMs: 600_000,
};

/** Everything a health rule may look at, for one server at one instant. */
export interface HealthInput {
  readonly now: number;
  readonly levels: HealthLevels;
  readonly name: string;
  readonly context: string;
  readonly state: ServerState;
  readonly stateReason?: string | undefined;
  readonly instance?: Instance | undefined;
  /** Only while it is fresh: old advice says nothing about now. */
  readonly jvm?: JvmSample | undefined;
  readonly history: ServerHistory;
  /** State of the source that knows this server. */
  readonly source?: SourceStatus | undefined;
  /** Recent events of level error and critical about it, newest first. */
  readonly alerts: readonly OpsEvent[];
  readonly findings: readonly Finding[];
  /** A rule whose answer changes by time alone says when to ask again. */
  readonly lookAgainAt: (at: number) => void;
}

/** One health rule: a file of its own and a line in `health-rules.ts`. */
export interface HealthRule {
  readonly code: string;
  readonly check: (input: HealthInput) => Omit<HealthReason, 'code'> | undefined;
}
