/** Servers of which all series are kept. */
export const MAX_DETAILED = 256;
/** Of them, those nobody watches but that are in trouble. */
export const MAX_TROUBLED = 200;
/** All series go on for so long after the last look, or the end of the trouble: coming back shows no hole. */
export const LINGER_MS = 120_000;

interface Hold {
  watchers: number;
  isTroubled: boolean;
  /** Until when it goes on without a reason. */
  until: number;
}
/** Worth: watched, in trouble, lingering. */
const worthOf = ({ watchers, isTroubled }: Hold): number => (watchers > 0 ? 2 : isTroubled ? 1 : 0);

export interface HoldEvents {
  readonly begin: (server: string) => void;
  readonly end: (server: string) => void;
}

/** Of which servers all series are kept: those somebody watches, then those in trouble, newest trouble first. */
export class DetailHolds {
  readonly #events: HoldEvents;
  /** Oldest reason first. */
  readonly #holds = new Map<string, Hold>();
  readonly #watches = new Set<Set<string>>();

  constructor(events: HoldEvents) {
    this.#events = events;
  }

  has(server: string): boolean {
    return this.#holds.has(server);
  }
  /** The answer ends the watch; further calls of it do nothing. */
  watch(servers: readonly string[]): (now: number) => void {
    const watched = new Set<string>();
    for (const server of servers) {
      if (watched.has(server)) continue;
      const hold = this.#admit(server);
      if (hold === undefined) continue;
      hold.watchers++;
      watched.add(server);
    }
    this.#watches.add(watched);
    return (now) => {
      if (!this.#watches.delete(watched)) return;
      for (const server of watched) this.#letGo(server, now);
    };
  }
  /** `isNew`: the trouble begins now; one that was displaced comes back only where there is room. */
  trouble(server: string, isNew: boolean): void {
    const known = this.#holds.get(server);
    if (known?.isTroubled) return;
    if (known === undefined && !isNew && this.#holds.size >= MAX_DETAILED) return;
    if (this.#count(1) >= MAX_TROUBLED && (known?.watchers ?? 0) === 0) {
      if (!isNew) return;
      this.#displace(1);
    }
    const hold = this.#admit(server);
    if (hold === undefined) return;
    hold.isTroubled = true;
    this.#holds.delete(server);
    this.#holds.set(server, hold);
  }
  endTrouble(server: string, now: number): void {
    const hold = this.#holds.get(server);
    if (hold?.isTroubled !== true) return;
    hold.isTroubled = false;
    if (hold.watchers === 0) hold.until = now + LINGER_MS;
  }
  /** The server has another key now. */
  move(from: string, to: string): void {
    const hold = this.#holds.get(from);
    if (hold === undefined) return;
    let watchers = 0;
    for (const watched of this.#watches) {
      if (!watched.delete(from) || watched.has(to)) continue;
      watched.add(to);
      watchers++;
    }
    this.#end(from);
    const there = this.#holds.get(to);
    if (there === undefined) {
      this.#holds.set(to, { ...hold, watchers });
      this.#events.begin(to);
    } else {
      there.watchers += watchers;
      there.isTroubled ||= hold.isTroubled;
      there.until = Math.max(there.until, hold.until);
    }
  }
  /** The server is no more; somebody who watches goes on watching its place. */
  forget(server: string): void {
    const hold = this.#holds.get(server);
    if (hold === undefined) return;
    hold.isTroubled = false;
    if (hold.watchers === 0) this.#end(server);
  }
  expire(now: number): void {
    for (const [server, hold] of this.#holds) {
      if (worthOf(hold) > 0) continue;
      // A clock that went back must not keep it for a day.
      if (now >= hold.until || hold.until > now + LINGER_MS) this.#end(server);
    }
  }

  #admit(server: string): Hold | undefined {
    const known = this.#holds.get(server);
    if (known !== undefined) return known;
    if (this.#holds.size >= MAX_DETAILED && !this.#displace(0) && !this.#displace(1)) return undefined;
    const hold: Hold = { watchers: 0, isTroubled: false, until: 0 };
    this.#holds.set(server, hold);
    this.#events.begin(server);
    return hold;
  }
  /** Ends the oldest of this worth. */
  #displace(worth: number): boolean {
    for (const [server, hold] of this.#holds) {
      if (worthOf(hold) !== worth) continue;
      this.#end(server);
      return true;
    }
    return false;
  }
  #letGo(server: string, now: number): void {
    const hold = this.#holds.get(server);
    if (hold === undefined) return;
    hold.watchers--;
    if (worthOf(hold) === 0) hold.until = now + LINGER_MS;
  }
  #end(server: string): void {
    this.#holds.delete(server);
    this.#events.end(server);
  }
  #count(worth: number): number {
    let count = 0;
    for (const hold of this.#holds.values()) if (worthOf(hold) === worth) count++;
    return count;
  }
}
