import { isAlarm, isOfSilence } from '../diagnosis/health/alarm-codes.ts';
import type { EventLevel, OpsEvent } from '../domain/event.ts';
import { type Health, type HealthLevel, type HealthReason, healthRank } from '../domain/health.ts';
import type { Change } from '../domain/ports.ts';
import { type Ref, refKey, refOf } from '../domain/ref.ts';
import type { Text } from '../domain/text.ts';
import { alarmType, besideTarget, foldedAlarms, pastAlarm, restOfAlarms } from './alarm-words.ts';

/** Alarms of the first moments were there before we looked, and are told of together where they are many. */
const EARLY_MS = 10_000;
const MAX_EARLY_TOLD = 5;
/** The same again within this time is the same alarm, counted. */
const REPEAT_MS = 60_000;
const MAX_A_SECOND = 50;
/** Events of ours that are kept; the oldest go. */
const MAX_KEPT = 1_000;

/** The server an alarm is about. */
export interface AlarmTarget {
  readonly ref: Ref<'server'>;
  readonly name: string;
}

interface AlarmState {
  readonly code: string;
  level: HealthLevel;
  isUp: boolean;
  since: number;
  said: Text;
  /** False while nobody was told that it was raised. */
  isTold: boolean;
  raised: OpsEvent | undefined;
  cleared: OpsEvent | undefined;
}
/** What the log remembers of one server; kept with the server, so that it ends with it. */
export type ServerAlarms = Map<string, AlarmState>;

interface Early {
  readonly target: AlarmTarget;
  readonly state: AlarmState;
}
interface Rest {
  raised: number;
  cleared: number;
  level: HealthLevel;
}

/** Tells as events when a server's health gains or loses a reason that raises an alarm. */
export class AlarmLog {
  readonly #startedAt: number;
  readonly #isThere: (server: Ref<'server'>) => boolean;
  #early: Map<string, Early> | undefined = new Map();
  #changes: Change[] = [];
  readonly #kept = new Map<string, Ref<'event'>>();
  #serial = 0;
  #second = 0;
  #inSecond = 0;
  /** By context, what was beyond the limit of the running second. */
  readonly #rest = new Map<string, Rest>();

  constructor(options: { readonly startedAt: number; readonly isThere: (server: Ref<'server'>) => boolean }) {
    this.#startedAt = options.startedAt;
    this.#isThere = options.isThere;
  }

  /** States a server's health; the answer is what to hand in with the next one. */
  note(
    target: AlarmTarget,
    { reasons }: Health,
    known: ServerAlarms | undefined,
    now: number,
  ): ServerAlarms | undefined {
    if (reasons.length === 0 && known === undefined) return undefined;
    let alarms = known;
    for (const reason of reasons) {
      if (!isAlarm(reason)) continue;
      alarms ??= new Map();
      this.#holds(target, reason, alarms, now);
    }
    if (alarms === undefined) return undefined;
    let isOver = true;
    for (const state of alarms.values()) {
      if (state.isUp && !reasons.some(({ code }) => code === state.code))
        this.#end(target, state, { now, isHeard: !reasons.some(isOfSilence) });
      if (state.isUp || now < (state.cleared?.at ?? 0) + REPEAT_MS) isOver = false;
    }
    return isOver ? undefined : alarms;
  }

  /** What is to be put into the event table by now. */
  take(now: number): readonly Change[] {
    if (this.#early !== undefined && now >= this.#startedAt + EARLY_MS) this.#tellEarly(this.#early, now);
    if (this.#rest.size > 0 && secondOf(now) !== this.#second) this.#tellRest(now);
    if (this.#changes.length === 0) return NO_CHANGES;
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  #holds(target: AlarmTarget, reason: HealthReason, alarms: ServerAlarms, now: number): void {
    let state = alarms.get(reason.code);
    const isWorse = state !== undefined && healthRank(reason.level) > healthRank(state.level);
    const isNews = state?.isUp !== true || isWorse;
    if (state === undefined) {
      const { code, level, text: said } = reason;
      state = {
        code,
        level,
        said,
        since: now,
        isUp: true,
        isTold: false,
        raised: undefined,
        cleared: undefined,
      };
      alarms.set(code, state);
    }
    if (!state.isUp) state.since = now;
    state.isUp = true;
    state.level = reason.level;
    if (reason.endsAt === undefined) state.said = reason.text;
    if (!isNews) return;
    if (this.#early !== undefined && now < this.#startedAt + EARLY_MS) {
      this.#early.set(earlyKey(target, state), { target, state });
      state.isTold = true;
    } else this.#raise(target, state, { now, isWorse });
  }

  #raise(
    target: AlarmTarget,
    state: AlarmState,
    { now, isWorse }: { readonly now: number; readonly isWorse: boolean },
  ): void {
    state.isTold = this.#admit(target, 'raised', state.level, now);
    if (!state.isTold) return;
    const before = isWorse || !isRecent(state.raised, now) ? undefined : state.raised;
    state.raised = this.#tell(before, {
      level: state.level === 'error' ? 'error' : 'warning',
      type: alarmType(state.code),
      said: besideTarget(state.said, target.name),
      target,
      now,
    });
  }

  #end(
    target: AlarmTarget,
    state: AlarmState,
    { now, isHeard }: { readonly now: number; readonly isHeard: boolean },
  ): void {
    state.isUp = false;
    // Nobody was told of it yet.
    if (this.#early?.delete(earlyKey(target, state)) === true) return;
    if (!state.isTold || !this.#admit(target, 'cleared', 'ok', now)) return;
    state.cleared = this.#tell(isRecent(state.cleared, now) ? state.cleared : undefined, {
      level: 'info',
      type: `${alarmType(state.code)} cleared`,
      said: pastAlarm(besideTarget(state.said, target.name), { lastedMs: now - state.since, isHeard }),
      target,
      now,
    });
  }

  /** A new event, or the one `before` once more. */
  #tell(
    before: OpsEvent | undefined,
    given: {
      readonly level: EventLevel;
      readonly type: string;
      readonly said: Text;
      readonly target: AlarmTarget;
      readonly now: number;
    },
  ): OpsEvent {
    const { level, type, said, target, now } = given;
    return this.#put({
      ref: before?.ref ?? this.#nextRef(target.ref.context),
      at: now,
      level,
      type,
      message: said.en,
      said,
      isAlarm: true,
      count: before === undefined ? undefined : (before.count ?? 1) + 1,
      target: target.ref,
      targetName: target.name,
    });
  }

  #tellEarly(early: ReadonlyMap<string, Early>, now: number): void {
    this.#early = undefined;
    const byContext = new Map<string, Early[]>();
    for (const one of early.values()) {
      if (!this.#isThere(one.target.ref)) continue;
      const { context } = one.target.ref;
      byContext.set(context, [...(byContext.get(context) ?? []), one]);
    }
    for (const [context, list] of byContext) {
      if (list.length <= MAX_EARLY_TOLD) {
        for (const { target, state } of list) this.#raise(target, state, { now, isWorse: false });
        continue;
      }
      const servers = new Set(list.map(({ target }) => target.ref.id)).size;
      const said = foldedAlarms(
        servers,
        list.map(({ state }) => state.code),
      );
      this.#tellOf(context, said, {
        level: worst(list.map(({ state }) => state.level)),
        count: servers,
        now,
      });
    }
  }

  #tellRest(now: number): void {
    for (const [context, { raised, cleared, level }] of this.#rest)
      this.#tellOf(context, restOfAlarms(raised, cleared), { level, count: raised + cleared, now });
    this.#rest.clear();
  }

  /** About many servers of a context at once. */
  #tellOf(
    context: string,
    said: Text,
    { level, count, now }: { readonly level: HealthLevel; readonly count: number; readonly now: number },
  ): void {
    this.#put({
      ref: this.#nextRef(context),
      at: now,
      level: level === 'error' ? 'error' : level === 'ok' ? 'info' : 'warning',
      type: 'ALARMS',
      message: said.en,
      said,
      isAlarm: true,
      count,
      targetName: context,
    });
  }

  /** False where the second is full: it is counted instead. */
  #admit({ ref }: AlarmTarget, what: 'raised' | 'cleared', level: HealthLevel, now: number): boolean {
    if (secondOf(now) !== this.#second) {
      if (this.#rest.size > 0) this.#tellRest(now);
      this.#second = secondOf(now);
      this.#inSecond = 0;
    }
    this.#inSecond++;
    if (this.#inSecond <= MAX_A_SECOND) return true;
    const rest = this.#rest.get(ref.context) ?? { raised: 0, cleared: 0, level: 'ok' };
    rest[what]++;
    rest.level = worst([rest.level, level]);
    this.#rest.set(ref.context, rest);
    return false;
  }

  #nextRef(context: string): Ref<'event'> {
    this.#serial++;
    return refOf('event', context, `alarm/${this.#serial}`);
  }

  #put(event: OpsEvent): OpsEvent {
    const key = refKey(event.ref);
    this.#kept.delete(key);
    this.#kept.set(key, event.ref);
    this.#changes.push({ type: 'put', kind: 'event', entity: event });
    for (const [oldKey, ref] of this.#kept) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldKey);
      this.#changes.push({ type: 'drop', kind: 'event', ref });
    }
    return event;
  }
}

const NO_CHANGES: readonly Change[] = [];

const secondOf = (now: number): number => Math.floor(now / 1_000);
const earlyKey = ({ ref }: AlarmTarget, { code }: AlarmState): string => `${refKey(ref)}\n${code}`;
const isRecent = (event: OpsEvent | undefined, now: number): boolean =>
  event !== undefined && now < event.at + REPEAT_MS;
const worst = (levels: readonly HealthLevel[]): HealthLevel =>
  levels.reduce((a, b) => (healthRank(b) > healthRank(a) ? b : a), 'ok');
