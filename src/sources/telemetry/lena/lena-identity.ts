import type { LenaSender } from './lena-sender.ts';
import { LENA_INTERVAL_MS } from './lena-sender.ts';

/** Two senders of one name are both alive when each was heard within this time. */
const BOTH_ALIVE_MS = 3 * LENA_INTERVAL_MS;
const MAX_SENDERS = 16;
const RESTARTS_IN_A_ROW = 3;

export interface Arrival {
  readonly port: number;
  /** From the counters; absent in packs that do not tell. */
  readonly startedAt: number | undefined;
  readonly now: number;
}
/** How the table of senders is told. */
export interface IdentityHooks {
  /** Makes a sender; undefined when there is no room. */
  readonly create: (id: string) => LenaSender | undefined;
  /** One row more than there are; asked before one that was aside comes back. */
  readonly hasRoom: () => boolean;
  /** A sender has this id from now on. */
  readonly rename: (sender: LenaSender, id: string) => void;
  /** Two call themselves by this name, or one more does, and each has a row. */
  readonly onNamesake: () => void;
}

interface Replaced {
  readonly sender: LenaSender;
  readonly at: number;
  /** Restarts within three cycles of one another. */
  readonly inARow: number;
}

/**
 * The JVMs that call themselves by one name at one address: as a rule one. A new port with a new start time is taken
 * for a restart at once; when the old port speaks again within three cycles it was not one, and both get a row.
 */
export class LenaIdentity {
  readonly id: string;
  readonly #senders: LenaSender[] = [];
  #replaced: Replaced | undefined = undefined;

  constructor(id: string) {
    this.id = id;
  }
  get isEmpty(): boolean {
    return this.#senders.length === 0;
  }
  get senders(): readonly LenaSender[] {
    return this.#senders;
  }
  forget(sender: LenaSender): void {
    const index = this.#senders.indexOf(sender);
    if (index >= 0) this.#senders.splice(index, 1);
  }
  resolve(arrival: Arrival, hooks: IdentityHooks): LenaSender | undefined {
    const first = this.#senders[0];
    if (first === undefined) return this.#add(this.id, hooks);
    for (const sender of this.#senders) if (sender.port === arrival.port) return sender;
    return this.#revive(arrival, hooks) ?? this.#resolveNewPort(first, arrival, hooks);
  }
  #add(id: string, hooks: IdentityHooks): LenaSender | undefined {
    const sender = this.#senders.length < MAX_SENDERS ? hooks.create(id) : undefined;
    if (sender !== undefined) this.#senders.push(sender);
    return sender;
  }
  /** The port that was taken for a JVM of the past speaks again: two JVMs share the name. */
  #revive({ port, now }: Arrival, hooks: IdentityHooks): LenaSender | undefined {
    const replaced = this.#replaced;
    if (replaced === undefined) return undefined;
    if (now - replaced.at > BOTH_ALIVE_MS) this.#replaced = undefined;
    // One that said goodbye may say it again; that is no second server.
    const isLeaving = replaced.sender.byeAt !== undefined;
    if (replaced.sender.port !== port || this.#replaced === undefined || isLeaving) return undefined;
    const successor = this.#senders.find((sender) => sender.id === replaced.sender.id);
    if (successor !== undefined && !hooks.hasRoom()) return undefined;
    this.#replaced = undefined;
    if (successor !== undefined) {
      successor.restarts = 0;
      hooks.rename(successor, `${this.id}:${successor.port}`);
    }
    this.#senders.push(replaced.sender);
    hooks.rename(replaced.sender, replaced.sender.id);
    hooks.onNamesake();
    return replaced.sender;
  }
  #isLeaving(port: number): boolean {
    return this.#replaced?.sender.port === port && this.#replaced.sender.byeAt !== undefined;
  }
  #resolveNewPort(first: LenaSender, arrival: Arrival, hooks: IdentityHooks): LenaSender | undefined {
    const { port, startedAt, now } = arrival;
    // Nothing here tells which JVM it is; the content of such packs (address, version) is the same for both.
    if (startedAt === undefined) return this.#senders.length === 1 ? first : undefined;
    if (this.#isLeaving(port)) return undefined;
    const same = this.#senders.find(
      (sender) => sender.startedAt === startedAt || sender.startedAt === undefined,
    );
    if (same !== undefined) {
      same.port = port;
      return same;
    }
    const quiet = this.#senders.find((sender) => now - (sender.countersAt ?? 0) > BOTH_ALIVE_MS);
    if (quiet !== undefined || (this.#senders.length === 1 && !this.#isChurning(now)))
      return this.#succeed(quiet ?? first, arrival, hooks);
    const namesake = this.#add(`${this.id}:${port}`, hooks);
    if (namesake !== undefined) hooks.onNamesake();
    return namesake;
  }
  /** Nothing starts anew again and again within three cycles: these are several that call themselves so. */
  #isChurning(now: number): boolean {
    const { at, inARow } = this.#replaced ?? { at: Number.NEGATIVE_INFINITY, inARow: 0 };
    return inARow >= RESTARTS_IN_A_ROW && now - at <= BOTH_ALIVE_MS;
  }
  /** A restart: the new JVM takes the row; the old one is kept aside until it is surely silent. */
  #succeed(old: LenaSender, { port, startedAt, now }: Arrival, hooks: IdentityHooks): LenaSender | undefined {
    if (now - (old.countersAt ?? 0) > BOTH_ALIVE_MS) {
      old.restart(startedAt);
      old.port = port;
      return old;
    }
    this.forget(old);
    const successor = this.#add(old.id, hooks);
    if (successor === undefined) {
      this.#senders.push(old);
      return old;
    }
    successor.restarts = old.restarts + 1;
    const { at, inARow } = this.#replaced ?? { at: Number.NEGATIVE_INFINITY, inARow: 0 };
    this.#replaced = { sender: old, at: now, inARow: now - at <= BOTH_ALIVE_MS ? inARow + 1 : 1 };
    return successor;
  }
}
