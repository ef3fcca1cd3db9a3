import type { Change } from '../../../domain/ports.ts';
import type { Sender } from '../../../domain/sender.ts';
import { MAX_RELAY_SENDERS } from '../../../wire/relay/frames.ts';
import { FORGET_MS } from '../sender-table.ts';
import { CarryOver, WINDOW_MS } from './carry-over.ts';

/** One life of one receiver, and whose counts it goes on with. */
export interface Lineage {
  readonly instance: string;
  readonly inherits?: string | undefined;
}

/** The senders a source has told its sink, whoever received them: what stays when the receiver changes. */
export class KnownSenders {
  readonly #senders = new Map<string, Sender>();
  #carry: CarryOver | undefined;
  #instance: string | undefined;
  /** As told last, and what the receiver before had told. */
  #rate = 0;
  #rateBefore = { perMinute: 0, at: 0 };
  /** Senders left out because there were too many. */
  refused = 0;

  get senders(): ReadonlyMap<string, Sender> {
    return this.#senders;
  }
  /** Of the receiver heard last. */
  get instance(): string | undefined {
    return this.#instance;
  }
  get(id: string): Sender | undefined {
    return this.#senders.get(id);
  }
  /** From now on this receiver is heard. */
  begin({ instance, inherits }: Lineage, now: number): void {
    const before = this.#instance;
    this.#instance = instance;
    if (before === instance || before === undefined) return;
    const goesOn = before === inherits;
    this.#carry = goesOn ? undefined : new CarryOver(this.#senders, now);
    this.#rateBefore = { perMinute: goesOn ? 0 : this.#rate, at: now };
  }
  /** Datagrams of the last minute, of which a new receiver has heard only the end. */
  perMinute(heard: number, now: number): number {
    const { perMinute, at } = this.#rateBefore;
    const share = Math.min(1, Math.max(0, (now - at) / WINDOW_MS));
    this.#rate = Math.round(heard + perMinute * (1 - share));
    return this.#rate;
  }
  /** The sender as the sink is to know it; `undefined` where there are too many. */
  put(sender: Sender, now: number): Sender | undefined {
    const { id } = sender.ref;
    if (!this.#senders.has(id) && this.#senders.size >= 2 * MAX_RELAY_SENDERS) {
      this.refused++;
      return undefined;
    }
    const told = this.#carry?.apply(sender, now) ?? sender;
    this.#senders.set(id, told);
    return told;
  }
  drop(id: string): boolean {
    this.#carry?.forget(id);
    return this.#senders.delete(id);
  }
  /** Drops those nobody tells of any more: the receiver of now never heard them. */
  takeSilent(now: number, forgetMs: number = FORGET_MS): readonly Change[] {
    const silent = [...this.#senders.values()].filter(({ heartbeat }) => now - heartbeat.at > forgetMs);
    return silent.map(({ ref }) => {
      this.drop(ref.id);
      return { type: 'drop', kind: 'sender', ref };
    });
  }
}
