import type { OpsEvent } from '../../domain/event.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Instance } from '../../domain/instance.ts';
import type { JvmSample } from '../../domain/jvm-sample.ts';
import type { ServerState } from '../../domain/server-type.ts';
import type { SourceStatus } from '../../domain/source-status.ts';
import type { ReasonDraft } from './held-reasons.ts';
import type { ServerHistory } from './server-history.ts';

/** `health` of the config; shares are 0–1. */
export interface HealthLevels {
  readonly afterGcWarn: number;
  readonly afterGcError: number;
  /** Old-generation collections in a row that must leave so much behind. */
  readonly forGcs: number;
  readonly gcOverheadWarn: number;
  readonly gcOverheadError: number;
  /** Full collections within the window that are too many; at least twice as many are worse. */
  readonly fullGcs: number;
  readonly fullGcWindowMs: number;
  /** What collections leave behind is a suspected leak where it grows to the maximum within this long. */
  readonly growthMs: number;
  /** Busy threads of a connector, connections of a data source in use, requests that fail. */
  readonly connectorWarn: number;
  readonly connectorError: number;
  readonly poolWarn: number;
  readonly poolError: number;
  readonly errorRateWarn: number;
  readonly errorRateError: number;
  /** How long what a JVM's figures raised stays after they are well again. */
  readonly clearMs: number;
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
  fullGcs: 2,
  fullGcWindowMs: 60_000,
  growthMs: 14_400_000,
  connectorWarn: 0.8,
  connectorError: 0.98,
  poolWarn: 0.9,
  poolError: 0.98,
  errorRateWarn: 0.05,
  errorRateError: 0.2,
  clearMs: 30_000,
};

/** True where a percentage is known, more than none and at least this share (0–1). */
export const reaches = (percent: number | undefined, share: number): percent is number =>
  percent !== undefined && percent > 0 && percent >= share * 100;

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
  /** It judges a JVM's figures: what it raised is slow to clear. */
  readonly readsJvm?: true;
  /** Whoever looks elsewhere is told when its reason comes and goes. */
  readonly raisesAlarm?: true;
  readonly check: (input: HealthInput) => ReasonDraft | undefined;
}
