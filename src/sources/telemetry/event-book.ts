import { cleanLine } from '../../core/text.ts';
import type { OpsEvent } from '../../domain/event.ts';
import type { Change } from '../../domain/ports.ts';
import { maskWords } from '../../domain/secret-name.ts';

const MAX_REMEMBERED = 2_048;
const MAX_WAITING = 512;
/** The same words again within this time are a repeat of one datagram. */
const REPEAT_MS = 1_000;

interface Seen {
  count: number;
  at: number;
}

/** Events of senders: repeats folded, texts cleaned, number bounded. */
export class EventBook {
  readonly #seen = new Map<string, Seen>();
  #waiting: Change[] = [];
  /** Events beyond what one flush carries. */
  dropped = 0;

  get isDirty(): boolean {
    return this.#waiting.length > 0;
  }
  add(event: OpsEvent, now: number): void {
    const { id } = event.ref;
    const seen = this.#seen.get(id);
    if (seen !== undefined && now - seen.at < REPEAT_MS) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.dropped++;
      return;
    }
    const count = (seen?.count ?? 0) + 1;
    this.#remember(id, { count, at: now });
    const message = maskWords(cleanLine(event.message, 1_024));
    const entity: OpsEvent = { ...event, type: cleanLine(event.type, 64), message, count };
    this.#waiting.push({ type: 'put', kind: 'event', entity });
  }
  takeChanges(): readonly Change[] {
    const changes = this.#waiting;
    this.#waiting = [];
    return changes;
  }
  #remember(id: string, seen: Seen): void {
    this.#seen.delete(id);
    const oldest = this.#seen.size >= MAX_REMEMBERED ? this.#seen.keys().next().value : undefined;
    if (oldest !== undefined) this.#seen.delete(oldest);
    this.#seen.set(id, seen);
  }
}
