import type { Change } from '../../domain/ports.ts';
import { refOf } from '../../domain/ref.ts';
import type { RateLimit } from './pulse.ts';
import type { TrackedSender } from './tracked-sender.ts';

/** A sender silent for so long is forgotten, here and by whoever reads along. */
export const FORGET_MS = 3_600_000;

export interface SenderTableOptions {
  readonly context: string;
  readonly maxSenders: number;
  readonly forgetMs: number;
  /** New senders a second, and at once. */
  readonly newcomers: RateLimit;
  /** Told of every sender that left the table. */
  readonly onRemoved: (sender: TrackedSender) => void;
}

/** When the table is full only a sender silent for this many of its intervals makes room … */
const SILENT_INTERVALS = 8;
/** … or for this many, if it was heard once only: so a flood of made-up names gives way first. */
const SILENT_ONCE_INTERVALS = 2;
/** Share of the table freed at once, so that a flood of new names does not cost a search each. */
const FREED_SHARE = 0.02;
const RETRY_MS = 1_000;

/** The senders heard, bounded, and which of them changed since the last flush. */
export class SenderTable {
  readonly #options: SenderTableOptions;
  readonly #senders = new Map<string, TrackedSender>();
  readonly #dirty = new Set<TrackedSender>();
  readonly #dropped = new Set<string>();
  #fullUntil = 0;
  #newcomers: number;
  #countedAt = 0;
  /** Silent senders that made room. */
  evicted = 0;

  constructor(options: SenderTableOptions) {
    this.#options = options;
    this.#newcomers = options.newcomers.burst;
  }
  get size(): number {
    return this.#senders.size;
  }
  get isDirty(): boolean {
    return this.#dirty.size > 0 || this.#dropped.size > 0;
  }
  get(id: string): TrackedSender | undefined {
    return this.#senders.get(id);
  }
  /** True while it has its place: another one may have taken it. */
  holds(sender: TrackedSender | undefined): sender is TrackedSender {
    return sender !== undefined && this.#senders.get(sender.id) === sender;
  }
  touch(sender: TrackedSender): void {
    if (this.#senders.get(sender.id) === sender) this.#dirty.add(sender);
  }
  /** True when there is room for one more now, which is then taken as used. */
  hasRoom(now: number): boolean {
    const { perSecond, burst } = this.#options.newcomers;
    const elapsedMs = Math.max(0, now - this.#countedAt);
    this.#countedAt = now;
    this.#newcomers = Math.min(burst, this.#newcomers + (elapsedMs * perSecond) / 1_000);
    if (this.#newcomers < 1) return false;
    if (this.#senders.size >= this.#options.maxSenders && now >= this.#fullUntil) this.#freeSome(now);
    if (this.#senders.size >= this.#options.maxSenders) return false;
    this.#newcomers--;
    return true;
  }
  /** Takes the place of a sender of the same id, if there is one. */
  put(sender: TrackedSender): void {
    const before = this.#senders.get(sender.id);
    if (before !== undefined) this.#dirty.delete(before);
    if (before !== sender) before?.release?.();
    this.#senders.set(sender.id, sender);
    this.#dirty.add(sender);
  }
  rename(sender: TrackedSender, id: string): void {
    if (this.#senders.get(sender.id) === sender) {
      this.#senders.delete(sender.id);
      this.#dropped.add(sender.id);
    }
    sender.id = id;
    this.put(sender);
  }
  remove(sender: TrackedSender): void {
    if (this.#senders.get(sender.id) !== sender) return;
    this.#senders.delete(sender.id);
    this.#dirty.delete(sender);
    this.#dropped.add(sender.id);
    sender.release?.();
    this.#options.onRemoved(sender);
  }
  forgetSilent(now: number): void {
    for (const sender of this.#senders.values())
      if (now - sender.pulse.at > this.#options.forgetMs) this.remove(sender);
  }
  /** How many senders changed since they were last taken. */
  get changed(): number {
    return this.#dirty.size;
  }
  /** The changes since the last call; of `most` senders only, those that have waited longest. */
  takeChanges(now: number, most = Number.POSITIVE_INFINITY): Change[] {
    const { context } = this.#options;
    const changes: Change[] = [];
    for (const id of this.#dropped) {
      if (!this.#senders.has(id))
        changes.push({ type: 'drop', kind: 'sender', ref: refOf('sender', context, id) });
    }
    let left = most;
    for (const sender of this.#dirty) {
      if (left-- <= 0) break;
      this.#dirty.delete(sender);
      changes.push({ type: 'put', kind: 'sender', entity: sender.toSender(context, now) });
    }
    this.#dropped.clear();
    return changes;
  }
  #freeSome(now: number): void {
    this.#fullUntil = now + RETRY_MS;
    const silent = [...this.#senders.values()]
      .filter(({ pulse }) => {
        const intervals = pulse.heard <= 1 ? SILENT_ONCE_INTERVALS : SILENT_INTERVALS;
        return now - pulse.at > intervals * pulse.intervalMs;
      })
      .sort((a, b) => Number(a.pulse.heard > 1) - Number(b.pulse.heard > 1) || a.pulse.at - b.pulse.at);
    for (const sender of silent.slice(0, Math.ceil(this.#options.maxSenders * FREED_SHARE))) {
      this.remove(sender);
      this.evicted++;
    }
  }
}
