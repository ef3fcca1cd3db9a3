import type { HealthReason } from '../../domain/health.ts';
import type { JvmSample } from '../../domain/jvm-sample.ts';
import type { ServerState } from '../../domain/server-type.ts';
import type { HealthInput } from './health-input.ts';
import type { HealthLevels } from './health-levels.ts';
import { HeldReasons, type ReasonDraft } from './held-reasons.ts';
import { OldCollections } from './old-collections.ts';

const MAX_RESTARTS = 8;
const MAX_FAILURES = 4;
/** A JVM's start as its samples tell it may move by this much without being another one. */
const SAME_START_MS = 5_000;
/** A share of time is one once it was counted for this long. */
const GC_SETTLED_MS = 10_000;

export interface Observation {
  readonly now: number;
  readonly uid: string | undefined;
  readonly state: ServerState;
  /** Since when, where the orchestrator tells. */
  readonly stateSince: number | undefined;
  readonly restarts: number | undefined;
  readonly jvm: JvmSample | undefined;
  readonly levels: HealthLevels;
}

/** What was seen of one server before: the few facts that health needs and no single reading holds. */
export class ServerHistory {
  state: ServerState = 'unknown';
  stateSince = 0;
  /** Instants at which the restart counter grew while we looked, newest last. */
  restartedAt: readonly number[] = [];
  /** Instants at which it was first seen failed while we looked, newest last. */
  failedAt: readonly number[] = [];
  /** Absent until its JVM tells of one. */
  oldCollections: OldCollections | undefined;
  /** Since when requests have been running for over 8 s. */
  slowSince: number | undefined;
  #uid: string | undefined;
  #restarts: number | undefined;
  #held: HeldReasons | undefined;
  #sample: JvmSample | undefined;
  #gcHeardMs = 0;
  /** Samples up to here are of a run that ended. */
  #endedAt = Number.NEGATIVE_INFINITY;

  observe({ now, uid, state, stateSince, restarts, jvm, levels }: Observation): void {
    if (uid !== this.#uid) this.#begin(uid);
    if (state === 'failed' && (state !== this.state || this.stateSince === 0))
      this.failedAt = [...this.failedAt, now].slice(-MAX_FAILURES);
    if (state === 'stopped' && state !== this.state) {
      // Seen failed and then called stopped, it was being stopped; what starts next is another JVM.
      if (this.state === 'failed') this.failedAt = this.failedAt.slice(0, -1);
      this.#forgetJvm();
    }
    if (state !== this.state || this.stateSince === 0) {
      this.state = state;
      this.stateSince = stateSince ?? now;
    }
    if (restarts !== undefined) {
      if (this.#restarts !== undefined && restarts > this.#restarts) {
        this.restartedAt = [...this.restartedAt, now].slice(-MAX_RESTARTS);
        this.#forgetJvm();
      }
      this.#restarts = restarts;
    }
    if (jvm !== undefined) this.observeJvm(jvm, now, levels);
  }

  /** A further sample of the same server in the same state. */
  observeJvm(jvm: JvmSample, now: number, levels: HealthLevels): void {
    const before = this.#sample;
    if (jvm === before || jvm.at <= this.#endedAt) return;
    this.#sample = jvm;
    if (before !== undefined && isAnotherRun(before, jvm)) this.#forgetJvm(before);
    if (this.#gcHeardMs < GC_SETTLED_MS) this.#gcHeardMs += jvm.gcInterval?.coveredMs ?? 0;
    if ((jvm.active?.over8s ?? 0) > 0) this.slowSince ??= now;
    else this.slowSince = undefined;
    if (jvm.lastFullGc === undefined && jvm.fullGcs === undefined && jvm.heap?.afterGcBytes === undefined)
      return;
    this.oldCollections ??= new OldCollections();
    this.oldCollections.observe(jvm, now, levels);
  }

  /** The sample, unless it is of the run before: a JVM that began anew is not judged by what the last one said. */
  ofThisRun(jvm: JvmSample | undefined): JvmSample | undefined {
    return jvm !== undefined && jvm.at > this.#endedAt ? jvm : undefined;
  }

  /** False while a share of its time in GC would be one of a few seconds; true where nobody tells what it covers. */
  isGcShareSettled({ gcInterval }: JvmSample): boolean {
    return gcInterval === undefined || this.#gcHeardMs >= GC_SETTLED_MS;
  }

  /** What a rule found of its JVM, which stays a while after it is over. */
  hold(code: string, found: ReasonDraft | undefined, input: HealthInput): HealthReason | undefined {
    if (found === undefined && this.#held === undefined) return undefined;
    this.#held ??= new HeldReasons();
    const { now, levels, jvm, lookAgainAt } = input;
    return this.#held.hold(code, found, {
      now,
      clearMs: levels.clearMs,
      isHeard: jvm !== undefined,
      lookAgainAt,
    });
  }

  #begin(uid: string | undefined): void {
    this.#uid = uid;
    this.#restarts = undefined;
    this.stateSince = 0;
    this.restartedAt = [];
    this.failedAt = [];
    this.#forgetJvm();
  }
  #forgetJvm(last = this.#sample): void {
    this.#endedAt = last?.at ?? this.#endedAt;
    this.oldCollections = undefined;
    this.slowSince = undefined;
    this.#held = undefined;
    this.#gcHeardMs = 0;
  }
}

/** True where a JVM's figures began anew, by its own word. */
const isAnotherRun = (before: JvmSample, after: JvmSample): boolean =>
  before.source === after.source &&
  ((before.startedAt !== undefined &&
    after.startedAt !== undefined &&
    Math.abs(after.startedAt - before.startedAt) > SAME_START_MS) ||
    (before.fullGcs !== undefined && after.fullGcs !== undefined && after.fullGcs < before.fullGcs));
