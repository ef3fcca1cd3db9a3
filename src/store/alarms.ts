import { isAlarm, isOfSilence } from '../diagnosis/health/alarm-codes.ts';
import type { OpsEvent } from '../domain/event.ts';
import { type Health, type HealthLevel, type HealthReason, healthRank } from '../domain/health.ts';
import type { Change } from '../domain/ports.ts';
import { type Ref, refKey } from '../domain/ref.ts';
import type { Text } from '../domain/text.ts';
import { AlarmEvents, type AlarmTarget, MANY } from './alarm-events.ts';
import {
  alarmType,
  beganAnew,
  besideTarget,
  foldedAlarms,
  goneWithAlarms,
  pastAlarm,
} from './alarm-words.ts';

/** Alarms of the first moments were there before we looked, and are told of together where they are many. */
const EARLY_MS = 10_000;
const MAX_EARLY_TOLD = 5;
/** After a longer pause of our own (a machine that slept) everybody seems silent for a moment: we begin anew. */
const AWAY_MS = 60_000;
/** The same again within this time is the same alarm, counted. */
const REPEAT_MS = 60_000;

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

/** Tells as events when a server's health gains or loses a reason that raises an alarm. */
export class AlarmLog {
  #startedAt: number;
  /** When we last looked. */
  #lookedAt: number;
  readonly #isThere: (server: Ref<'server'>) => boolean;
  readonly #events = new AlarmEvents();
  #early: Map<string, Early> | undefined = new Map();

  constructor(options: { readonly startedAt: number; readonly isThere: (server: Ref<'server'>) => boolean }) {
    this.#startedAt = options.startedAt;
    this.#lookedAt = options.startedAt;
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
    this.#look(now);
    let alarms = known;
    for (const reason of reasons) {
      if (!isAlarm(reason)) continue;
      alarms ??= new Map();
      this.#hold(target, reason, alarms, now);
    }
    if (alarms === undefined) return undefined;
    let isOver = true;
    for (const state of alarms.values()) {
      if (state.isUp && !reasons.some(({ code }) => code === state.code))
        this.#end(target, state, { now, isHeard: !reasons.some(isOfSilence) });
      if (state.isUp || isRecent(state.cleared, now)) isOver = false;
    }
    return isOver ? undefined : alarms;
  }

  /** A server began anew while we looked. */
  restarted(target: AlarmTarget, restarts: number | undefined, now: number): void {
    this.#look(now);
    this.#events.tell(
      target,
      { level: 'warning', type: 'RESTARTED', said: beganAnew(restarts), now },
      undefined,
    );
  }

  /** A server that had these left with them: told once, of those somebody was told of. */
  leave(target: AlarmTarget, alarms: ServerAlarms, now: number): void {
    this.#look(now);
    const up = [...alarms.values()].filter(
      (state) => state.isUp && this.#early?.delete(earlyKey(target, state)) !== true && state.isTold,
    );
    const [first] = up;
    if (first === undefined) return;
    const said = goneWithAlarms(
      up.map((state) => besideTarget(state.said, target.name)),
      now - Math.min(...up.map(({ since }) => since)),
    );
    const type = `${up.length === 1 ? alarmType(first.code) : MANY} cleared`;
    this.#events.tell(target, { level: 'info', type, said, now }, undefined);
  }

  /** What is to be put into the event table by now. */
  take(now: number): readonly Change[] {
    this.#look(now);
    if (this.#early !== undefined && now >= this.#startedAt + EARLY_MS) this.#tellEarly(this.#early, now);
    return this.#events.take(now);
  }

  #look(now: number): void {
    if (now - this.#lookedAt > AWAY_MS) {
      this.#startedAt = now;
      this.#early ??= new Map();
    }
    this.#lookedAt = now;
  }

  #hold(target: AlarmTarget, reason: HealthReason, alarms: ServerAlarms, now: number): void {
    const { code, level, text } = reason;
    const known = alarms.get(code);
    const state = known ?? stateOf(reason, now);
    if (known === undefined) alarms.set(code, state);
    const isNews = known?.isUp !== true || healthRank(level) > healthRank(known.level);
    if (!state.isUp) state.since = Math.min(now, reason.since ?? now);
    state.isUp = true;
    state.level = level;
    if (reason.endsAt === undefined) state.said = text;
    if (!isNews) return;
    if (this.#early !== undefined && now < this.#startedAt + EARLY_MS) {
      this.#early.set(earlyKey(target, state), { target, state });
      state.isTold = true;
    } else this.#raise(target, state, now);
  }

  /** `at`: when it came, where we did not see it come. */
  #raise(target: AlarmTarget, state: AlarmState, now: number, at = now): void {
    const level = state.level === 'error' ? 'error' : 'warning';
    // What is worse than what was told is news.
    const isSame = isRecent(state.raised, now) && (level === 'warning' || state.raised?.level === 'error');
    const event = this.#events.tell(
      target,
      { level, type: alarmType(state.code), said: besideTarget(state.said, target.name), now, at },
      isSame ? state.raised : undefined,
    );
    state.isTold = event !== undefined;
    state.raised = event ?? state.raised;
  }

  #end(
    target: AlarmTarget,
    state: AlarmState,
    { now, isHeard }: { readonly now: number; readonly isHeard: boolean },
  ): void {
    state.isUp = false;
    // Nobody was told of it yet.
    if (this.#early?.delete(earlyKey(target, state)) === true || !state.isTold) return;
    const said = pastAlarm(besideTarget(state.said, target.name), { lastedMs: now - state.since, isHeard });
    const event = this.#events.tell(
      target,
      { level: 'info', type: `${alarmType(state.code)} cleared`, said, now },
      isRecent(state.cleared, now) ? state.cleared : undefined,
    );
    state.cleared = event ?? state.cleared;
  }

  #tellEarly(early: ReadonlyMap<string, Early>, now: number): void {
    this.#early = undefined;
    const there = [...early.values()].filter(({ target }) => this.#isThere(target.ref));
    for (const [context, list] of Map.groupBy(there, ({ target }) => target.ref.context)) {
      if (list.length <= MAX_EARLY_TOLD) {
        for (const { target, state } of list) this.#raise(target, state, now, state.since);
        continue;
      }
      const servers = new Set(list.map(({ target }) => target.ref.id)).size;
      this.#events.tellOf(context, {
        level: list.some(({ state }) => state.level === 'error') ? 'error' : 'warning',
        type: MANY,
        said: foldedAlarms(
          servers,
          list.map(({ state }) => state.code),
        ),
        count: servers,
        now,
      });
    }
  }
}

const stateOf = ({ code, level, text: said }: HealthReason, since: number): AlarmState => ({
  code,
  level,
  said,
  since,
  isUp: false,
  isTold: false,
  raised: undefined,
  cleared: undefined,
});
const earlyKey = ({ ref }: AlarmTarget, { code }: AlarmState): string => `${refKey(ref)}\n${code}`;
const isRecent = (event: OpsEvent | undefined, now: number): boolean =>
  event !== undefined && now < event.at + REPEAT_MS;
