import { type HealthReason, healthRank } from '../../domain/health.ts';
import { type Text, text } from '../../domain/text.ts';

/** What a rule found, before its code is known to it. */
export type ReasonDraft = Omit<HealthReason, 'code'>;

export interface HoldOptions {
  readonly now: number;
  /** How long a reason must be over, or less bad, before it goes or its level falls. */
  readonly clearMs: number;
  /** False where there are no fresh figures to say that it is over. */
  readonly isHeard: boolean;
  readonly lookAgainAt: (at: number) => void;
}

interface Held {
  readonly raisedAt: number;
  reason: HealthReason;
  /** Since when the rule finds nothing, or something less bad. */
  wellSince: number | undefined;
  lowerSince: number | undefined;
}

/**
 * Reasons that are quick to raise and slow to clear: one that was found stays, and keeps its level, until it has been
 * over or less bad for `clearMs` on end, so that a figure at the edge of its level does not flap. At most one a rule.
 */
export class HeldReasons {
  readonly #held = new Map<string, Held>();

  hold(code: string, found: ReasonDraft | undefined, options: HoldOptions): HealthReason | undefined {
    const held = this.#held.get(code);
    if (found !== undefined) return this.#found(code, held, found, options);
    return held === undefined ? undefined : this.#over(code, held, options);
  }

  #found(
    code: string,
    held: Held | undefined,
    found: ReasonDraft,
    { now, clearMs, lookAgainAt }: HoldOptions,
  ): HealthReason {
    const raisedAt = held?.raisedAt ?? now;
    let { level } = found;
    let lowerSince: number | undefined;
    if (held !== undefined && healthRank(found.level) < healthRank(held.reason.level)) {
      lowerSince = held.lowerSince ?? now;
      if (now < lowerSince + clearMs) {
        level = held.reason.level;
        lookAgainAt(lowerSince + clearMs);
      } else lowerSince = undefined;
    }
    const reason = { code, ...found, level, since: found.since ?? raisedAt };
    if (held === undefined) this.#held.set(code, { raisedAt, reason, wellSince: undefined, lowerSince });
    else {
      held.reason = reason;
      held.wellSince = undefined;
      held.lowerSince = lowerSince;
    }
    return reason;
  }

  #over(
    code: string,
    held: Held,
    { now, clearMs, isHeard, lookAgainAt }: HoldOptions,
  ): HealthReason | undefined {
    const isNew = held.wellSince === undefined;
    const wellSince = held.wellSince ?? now;
    const endsAt = wellSince + clearMs;
    if (now >= endsAt) {
      this.#held.delete(code);
      return undefined;
    }
    if (isNew) {
      held.wellSince = wellSince;
      const { reason } = held;
      held.reason = { ...reason, text: ending(reason.text, isHeard), endsAt };
    }
    lookAgainAt(endsAt);
    return held.reason;
  }
}

const ending = ({ en, ko }: Text, isHeard: boolean): Text =>
  isHeard
    ? text(`${en} (over; stays a little in case it comes back)`, `${ko} (해소됨, 재발에 대비해 잠시 유지)`)
    : text(`${en} (when it was last heard)`, `${ko} (마지막 수신 기준)`);
