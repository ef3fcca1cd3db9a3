import type { EventLevel, OpsEvent } from '../domain/event.ts';
import type { Change } from '../domain/ports.ts';
import { type Ref, refKey, refOf } from '../domain/ref.ts';
import type { Text } from '../domain/text.ts';
import { restOfAlarms } from './alarm-words.ts';

const MAX_A_SECOND = 50;
/** Events of ours that are kept; the oldest go. */
const MAX_KEPT = 1_000;

/** The server an alarm is about. */
export interface AlarmTarget {
  readonly ref: Ref<'server'>;
  readonly name: string;
}
export interface AlarmEvent {
  readonly level: EventLevel;
  readonly type: string;
  readonly said: Text;
  /** How many it stands for. */
  readonly count?: number | undefined;
  readonly now: number;
  /** When it was. @default now */
  readonly at?: number | undefined;
}
interface Rest {
  raised: number;
  cleared: number;
  hasError: boolean;
}

/** The events of alarms on their way into the table: so many a second, so many at all. */
export class AlarmEvents {
  #changes: Change[] = [];
  readonly #kept = new Map<string, Ref<'event'>>();
  #serial = 0;
  #second = 0;
  #inSecond = 0;
  /** By context, what was beyond the limit of the running second. */
  readonly #rest = new Map<string, Rest>();

  take(now: number): readonly Change[] {
    if (this.#rest.size > 0) this.#turnTo(now);
    if (this.#changes.length === 0) return NO_CHANGES;
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** A new event, or `before` once more; `undefined` where the second is full: it is counted instead. */
  tell(target: AlarmTarget, given: AlarmEvent, before: OpsEvent | undefined): OpsEvent | undefined {
    const { context } = target.ref;
    this.#turnTo(given.now);
    this.#inSecond++;
    if (this.#inSecond > MAX_A_SECOND) {
      this.#countRest(context, given.level);
      return undefined;
    }
    const count = before === undefined ? undefined : (before.count ?? 1) + 1;
    return this.#put(
      { ...given, count },
      { ref: before?.ref ?? this.#nextRef(context), target: target.ref, targetName: target.name },
    );
  }

  /** One event about many servers of a context. */
  tellOf(context: string, given: AlarmEvent): void {
    this.#put(given, { ref: this.#nextRef(context), targetName: context });
  }

  #countRest(context: string, level: EventLevel): void {
    const rest = this.#rest.get(context) ?? { raised: 0, cleared: 0, hasError: false };
    if (level === 'info') rest.cleared++;
    else rest.raised++;
    rest.hasError ||= level === 'error';
    this.#rest.set(context, rest);
  }

  /** Another second begins: what the last one could not tell is told as counts. */
  #turnTo(now: number): void {
    const second = Math.floor(now / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#inSecond = 0;
    for (const [context, { raised, cleared, hasError }] of this.#rest) {
      const level = hasError ? 'error' : raised > 0 ? 'warning' : 'info';
      const said = restOfAlarms(raised, cleared);
      this.tellOf(context, { level, type: MANY, said, count: raised + cleared, now });
    }
    this.#rest.clear();
  }

  #nextRef(context: string): Ref<'event'> {
    this.#serial++;
    return refOf('event', context, `alarm/${this.#serial}`);
  }

  #put(
    { level, type, said, count, now, at = now }: AlarmEvent,
    about: Pick<OpsEvent, 'ref' | 'target' | 'targetName'>,
  ): OpsEvent {
    const event: OpsEvent = {
      ...about,
      at,
      level,
      type,
      message: said.en,
      said,
      isAlarm: true,
      count,
    };
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

/** Type of an event about many alarms. */
export const MANY = 'ALARMS';
const NO_CHANGES: readonly Change[] = [];
