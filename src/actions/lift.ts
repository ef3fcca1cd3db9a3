import type { Clock } from '../core/clock.ts';
import type { Actor } from '../domain/audit-entry.ts';
import { appError } from '../domain/errors.ts';
import { MODE_TITLES, type ModeInForce, type PolicySettings } from '../domain/policy.ts';
import { refOf } from '../domain/ref.ts';
import { type Text, text } from '../domain/text.ts';
import { createAuditId } from './audit/audit-id.ts';
import type { AuditLog, OpenEntry } from './audit/audit-log.ts';
import { safeLine } from './executor/failure.ts';

/** The configuration's mode set aside for one context, for a while. */
export interface Lift {
  readonly context: string;
  readonly reason: string;
  readonly at: number;
  /** Epoch ms. */
  readonly until: number;
}
export interface LiftOrder {
  readonly context: string;
  readonly reason: string;
  readonly minutes: number;
}

/** Lifts of this process; none outlives it. */
export interface Lifts {
  readonly maxMinutes: number;
  /** The mode that holds for a context now. */
  modeOf(context: string): ModeInForce;
  active(): readonly Lift[];
  /** Why none can be had for this context. */
  disabledReason(context: string): Text | undefined;
  /** In force, and audited, when it resolves; rejects with an AppError. One more for the same context replaces it. */
  begin(order: LiftOrder): Promise<void>;
  /** Ends one before its time. */
  end(context: string): Promise<void>;
  onChange(listener: () => void): () => void;
  /** Ends all; call it before the audit is closed. */
  close(): Promise<void>;
}

export interface LiftOptions {
  readonly policy: PolicySettings;
  readonly audit: AuditLog;
  readonly actor: Omit<Actor, 'identities'>;
  readonly clock: Clock;
}

interface Held {
  readonly lift: Lift;
  readonly entry: OpenEntry;
  readonly cancelTimer: () => void;
}
const MINUTE_MS = 60_000;
const MAX_REASON = 500;

export function createLifts({ policy, audit, actor, clock }: LiftOptions): Lifts {
  const held = new Map<string, Held>();
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };

  /** By the clock as well as by the timer: a machine that slept, or whose clock went back, has no lift left. */
  const isInForce = ({ lift }: Held) => clock.now() >= lift.at && clock.now() < lift.until;

  function disabledReason(): Text | undefined {
    const { mode, modeOrigin, fixedMode, lift } = policy;
    const { en, ko } = MODE_TITLES[fixedMode];
    if (mode === 'normal')
      return text('none is needed, NORMAL mode holds no verb back', '일반 모드라 막힌 동작이 없어 필요 없음');
    if (mode === fixedMode) {
      return text(
        `${en} is set by ${modeOrigin}, which no lift sets aside`,
        `${modeOrigin}에서 정한 ${ko} 모드는 해제할 수 없음`,
      );
    }
    if (!lift.isAllowed || lift.maxMinutes < 1) {
      return text('policy allows no lift (policy.lift)', '정책에서 해제를 허용하지 않음 (policy.lift)');
    }
    return undefined;
  }

  async function finish(context: string, result: 'done' | 'cancelled' | 'interrupted'): Promise<void> {
    const found = held.get(context);
    if (found === undefined) return;
    held.delete(context);
    found.cancelTimer();
    changed();
    await found.entry.end({ at: clock.now(), result, targets: [{ result }] });
  }

  async function begin({ context, reason: written, minutes }: LiftOrder): Promise<void> {
    const why = disabledReason();
    if (why !== undefined) throw appError('POLICY_REFUSED', `no lift for ${context}: ${why.en}`);
    const { maxMinutes } = policy.lift;
    if (!Number.isInteger(minutes) || minutes < 1 || minutes > maxMinutes) {
      throw appError('INPUT_INVALID', `a lift lasts 1 to ${maxMinutes} whole minutes, not ${minutes}`);
    }
    const reason = safeLine(written.trim(), MAX_REASON);
    if (reason === '') throw appError('CONSENT_MISSING', 'a lift needs a reason');
    const asked = clock.now();
    const entry = await audit.begin({
      ref: refOf('audit', context, createAuditId(asked)),
      at: asked,
      actor: { ...actor, identities: {} },
      mode: policy.mode,
      action: 'lift',
      // Of itself it touches no remote.
      effect: 'observe',
      title: `Lift ${MODE_TITLES[policy.mode].en} in ${context} for ${minutes} min`,
      reason,
      targets: [
        { ref: refOf('context', context, context), context, kind: 'context', name: context, before: {} },
      ],
      calls: [],
      plan: { input: { minutes: String(minutes) }, warnings: [], diff: [] },
      result: 'running',
    });
    await finish(context, 'cancelled');
    const at = clock.now();
    const lift: Lift = { context, reason, at, until: at + minutes * MINUTE_MS };
    const cancelTimer = clock.after(minutes * MINUTE_MS, () => void finish(context, 'done'));
    held.set(context, { lift, entry, cancelTimer });
    changed();
  }

  return {
    maxMinutes: policy.lift.maxMinutes,
    modeOf(context) {
      const found = held.get(context);
      return found !== undefined && isInForce(found)
        ? { mode: policy.fixedMode, origin: 'lift' }
        : { mode: policy.mode, origin: policy.modeOrigin };
    },
    active: () => [...held.values()].filter(isInForce).map(({ lift }) => lift),
    disabledReason,
    begin,
    end: (context) => finish(context, 'cancelled'),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await Promise.all([...held.keys()].map((context) => finish(context, 'interrupted')));
    },
  };
}
