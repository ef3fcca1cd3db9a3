import type { JvmSample } from '../../domain/jvm-sample.ts';
import type { ServerState } from '../../domain/server-type.ts';
import type { HealthLevels } from './health-input.ts';

const MAX_RESTARTS = 8;
const MAX_FAILURES = 4;

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
  /** Old-generation collections in a row that left more than the warn and error levels behind. */
  gcsAboveWarn = 0;
  gcsAboveError = 0;
  /** Since when requests have been running for over 8 s. */
  slowSince: number | undefined;
  #uid: string | undefined;
  #restarts: number | undefined;
  #lastGc: number | undefined;

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
    if ((jvm.active?.over8s ?? 0) > 0) this.slowSince ??= now;
    else this.slowSince = undefined;
    const left = jvm.heap?.afterGcBytes;
    const max = jvm.heap?.maxBytes;
    if (left === undefined || max === undefined || max <= 0) return;
    const collection = jvm.lastFullGc?.at ?? left;
    if (collection === this.#lastGc) return;
    this.#lastGc = collection;
    this.gcsAboveWarn = left / max >= levels.afterGcWarn ? this.gcsAboveWarn + 1 : 0;
    this.gcsAboveError = left / max >= levels.afterGcError ? this.gcsAboveError + 1 : 0;
  }

  #begin(uid: string | undefined): void {
    this.#uid = uid;
    this.#restarts = undefined;
    this.stateSince = 0;
    this.restartedAt = [];
    this.failedAt = [];
    this.#forgetJvm();
  }
  #forgetJvm(): void {
    this.gcsAboveWarn = 0;
    this.gcsAboveError = 0;
    this.slowSince = undefined;
    this.#lastGc = undefined;
  }
}
