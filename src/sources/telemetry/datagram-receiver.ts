import type { Change } from '../../domain/ports.ts';
import { decodeDatagram } from '../../wire/datagram.ts';
import type { AssemblyLimits } from '../../wire/lena/assembly.ts';
import { isBarred, isCostly, noteRefusal, StrangersBar } from './costly-datagrams.ts';
import { EventBook } from './event-book.ts';
import { L9sReceiver } from './l9s/l9s-receiver.ts';
import { LenaReceiver } from './lena/lena-receiver.ts';
import { MinuteCounter } from './minute-counter.ts';
import { NamelessSenders } from './nameless-senders.ts';
import { PeerTable } from './peer-table.ts';
import type { RateLimit } from './pulse.ts';
import { RefusedStrangers } from './refused-strangers.ts';
import { RejectReasons } from './reject-reasons.ts';
import { FORGET_MS, SenderTable } from './sender-table.ts';
import { StatsdReceiver } from './statsd/statsd-receiver.ts';
import { createTallies, type Tallies } from './tallies.ts';
import type { Peer, TrackedSender } from './tracked-sender.ts';
import { ValueBudget } from './value-budget.ts';

/** Bounds on what strangers can make us hold. */
export interface TelemetryLimits {
  /** Senders kept; more only replace silent ones. @default 20000 */
  readonly senders?: number;
  /** Datagrams a second read from one sender. @default 200, at once 1000 */
  readonly rate?: RateLimit;
  /** A sender silent for so long is forgotten. @default 3600000 */
  readonly forgetMs?: number;
  readonly assembly?: AssemblyLimits;
  /** New senders a second. @default 200, at once as many as are kept */
  readonly newcomers?: RateLimit;
  /** Values kept over all senders that have no field of their own, and entries of lists. @default 25 a sender */
  readonly values?: number;
}

const PEERS_PER_SENDER = 2;
const VALUES_PER_SENDER = 25;
const MAX_REASONS = 24;

/** Takes datagrams as they come and keeps what they tell, without doing any I/O. */
export class DatagramReceiver {
  readonly tallies: Tallies = createTallies();
  readonly #minute = new MinuteCounter();
  readonly #events = new EventBook();
  readonly #table: SenderTable;
  readonly #peers: PeerTable;
  readonly #lena: LenaReceiver;
  readonly #l9s: L9sReceiver;
  readonly #statsd: StatsdReceiver;
  readonly #nameless: NamelessSenders;
  readonly #budget: ValueBudget;
  readonly #rejects = new RejectReasons(MAX_REASONS);
  readonly #strangersBar = new StrangersBar();
  readonly #strangers = new RefusedStrangers();

  constructor(context: string, limits: TelemetryLimits = {}) {
    const { senders = 20_000, rate = { perSecond: 200, burst: 1_000 }, forgetMs = FORGET_MS } = limits;
    const { newcomers = { perSecond: 200, burst: senders }, values = senders * VALUES_PER_SENDER } = limits;
    this.#table = new SenderTable({
      context,
      maxSenders: senders,
      forgetMs,
      newcomers,
      onRemoved: (sender) => this.#removed(sender),
    });
    this.#peers = new PeerTable(senders * PEERS_PER_SENDER);
    this.#budget = new ValueBudget(values);
    const parts = {
      context,
      table: this.#table,
      events: this.#events,
      tallies: this.tallies,
      limit: rate,
      budget: this.#budget,
    };
    this.#lena = new LenaReceiver(parts, limits.assembly);
    this.#l9s = new L9sReceiver(parts);
    this.#statsd = new StatsdReceiver(parts);
    this.#nameless = new NamelessSenders(parts);
  }
  get isDirty(): boolean {
    return this.#table.isDirty || this.#events.isDirty;
  }
  get senders(): number {
    return this.#table.size;
  }
  /** How many senders wait to be taken. */
  get changedSenders(): number {
    return this.#table.changed;
  }
  takeChanges(now: number): readonly Change[] {
    return [...this.#table.takeChanges(now), ...this.#events.takeChanges()];
  }
  /** Changes of so many senders, those that have waited longest; events wait for the last of them. */
  takePortion(now: number, most: number, isLast: boolean): readonly Change[] {
    const senders = this.#table.takeChanges(now, most);
    return isLast ? [...senders, ...this.#events.takeChanges()] : senders;
  }
  forgetSilent(now: number): void {
    this.#table.forgetSilent(now);
  }
  /** Datagrams of the last minute. */
  perMinute(now: number): number {
    return this.#minute.count(now);
  }
  counts(now: number): Readonly<Record<string, number>> {
    return {
      ...this.tallies,
      perMinute: this.#minute.count(now),
      senders: this.#table.size,
      evicted: this.#table.evicted,
      abandonedPacks: this.#lena.abandonedPacks,
      droppedEvents: this.#events.dropped,
      droppedValues: this.#budget.refused,
      ...this.#rejectCounts(),
    };
  }
  /** What an operator should know: who sends what nobody can read. */
  notes(now: number): readonly string[] {
    return this.#strangers.notes(now);
  }
  #rejectCounts(): Readonly<Record<string, number>> {
    const reasons = this.#rejects.toList() ?? [];
    return Object.fromEntries(reasons.map(({ reason, count }) => [`rejected.${reason}`, count]));
  }
  /** One datagram from an address the allow-list does not name. */
  deny(address: string, now: number): void {
    this.tallies.datagrams++;
    this.tallies.denied++;
    this.#strangers.add(address, 'not in telemetry.allow', now);
    this.#minute.add(now);
  }
  /** As {@link take}, but a fault of ours costs one datagram and a count, not the process. */
  takeSafely(
    bytes: Uint8Array,
    from: { readonly address: string; readonly port: number },
    now: number,
  ): void {
    try {
      this.take(bytes, from, now);
    } catch {
      this.tallies.faults++;
    }
  }
  take(bytes: Uint8Array, from: { readonly address: string; readonly port: number }, now: number): void {
    this.tallies.datagrams++;
    this.#minute.add(now);
    const peer = this.#peers.get(from.address, from.port);
    const costs = isCostly(bytes);
    if (costs && this.#leaveOut(peer, now)) return;
    const before = peer.sender;
    const isStranger = costs && this.#isStranger(peer);
    const rejectedBefore = this.tallies.rejected;
    const heardBefore = before?.pulse.heard;
    const decoded = decodeDatagram(bytes);
    switch (decoded.codec) {
      case 'lena': {
        const passage = { peer, now, number: this.tallies.datagrams };
        const reason = this.#lena.take(decoded.content, passage);
        if (reason !== undefined) this.#reject(peer, reason, { now, heardBefore });
        break;
      }
      case 'l9s':
        this.#l9s.take(decoded.content, peer, now);
        break;
      case 'statsd': {
        const reason = this.#statsd.take(decoded.content, peer, now);
        if (reason !== undefined) this.#reject(peer, reason, { now, heardBefore });
        break;
      }
      case 'heartbeat':
        this.tallies.unknownForm++;
        this.#nameless.hear(peer, now)?.pulse.beat(now);
        break;
      case 'reject':
        this.#reject(peer, `${decoded.of}: ${decoded.reason}`, { now, heardBefore });
        break;
    }
    if (before !== undefined && before !== peer.sender && before.isNameless)
      this.#nameless.giveWay(before, peer);
    if (isStranger && this.tallies.rejected > rejectedBefore) this.#strangersBar.note(now);
  }
  /** Nobody was ever understood who speaks from there. */
  #isStranger({ sender }: Peer): boolean {
    return !this.#table.holds(sender) || sender.isNameless;
  }
  /** Counts what is not worth its decode: whoever spoke from there was refused too often, or sends too much. */
  #leaveOut(peer: Peer, now: number): boolean {
    if (isBarred(peer, now) || (this.#strangersBar.isDown(now) && this.#isStranger(peer))) {
      this.tallies.barred++;
      return true;
    }
    const { sender } = peer;
    if (!this.#table.holds(sender) || !sender.pulse.isExhausted(now)) return false;
    this.#table.touch(sender);
    sender.pulse.beat(now);
    this.tallies.limited++;
    return true;
  }
  /** Whoever was never heard right is nobody: a datagram that only pretends to be of a known form makes no sender. */
  #reject(
    peer: Peer,
    reason: string,
    { now, heardBefore }: { readonly now: number; readonly heardBefore: number | undefined },
  ): void {
    this.tallies.rejected++;
    this.#rejects.add(reason);
    noteRefusal(peer, now);
    const { sender } = peer;
    if (!this.#table.holds(sender)) {
      this.#strangers.add(peer.address, reason, now);
      return;
    }
    this.#table.touch(sender);
    // One that could be read in part was counted as it was.
    if (sender.pulse.heard === heardBefore) sender.pulse.beat(now);
    sender.pulse.reject(reason);
  }
  #removed(sender: TrackedSender): void {
    this.#lena.forget(sender);
    this.#nameless.forget(sender);
  }
}
