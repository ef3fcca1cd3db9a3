import type { OpsEvent } from '../../domain/event.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Instance } from '../../domain/instance.ts';
import type { JvmSample } from '../../domain/jvm-sample.ts';
import type { ServerState } from '../../domain/server-type.ts';
import type { SourceStatus } from '../../domain/source-status.ts';
import type { HealthLevels } from './health-levels.ts';
import type { ReasonDraft } from './held-reasons.ts';
import type { ServerHistory } from './server-history.ts';

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
