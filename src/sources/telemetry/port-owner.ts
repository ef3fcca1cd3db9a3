import { type Clock, sleep } from '../../core/clock.ts';
import { withDeadline } from '../../core/deadline.ts';
import type { PortCompanion } from '../../domain/port-companion.ts';
import type { Change, Sink } from '../../domain/ports.ts';
import type { SourceFacts } from '../../domain/source-status.ts';
import type { DatagramReceiver } from './datagram-receiver.ts';
import { Forwarder } from './forwarder.ts';
import { readKernelDrops } from './kernel-drops.ts';
import { addressText } from './listen-text.ts';
import { plainAddress } from './peer-table.ts';
import type { ListenAddress, ReceiverSocket, SocketAddress } from './receiver-socket.ts';
import type { KnownSenders } from './relay/known-senders.ts';
import type { RelayHost } from './relay/relay-host.ts';

export interface PortOwnerOptions {
  readonly socket: ReceiverSocket;
  readonly receiver: DatagramReceiver;
  readonly known: KnownSenders;
  readonly isAllowed: (address: string) => boolean;
  readonly clock: Clock;
  readonly flushMs: number;
  /** A sender nobody heard for so long is forgotten. */
  readonly forgetMs: number | undefined;
  readonly forward: readonly ListenAddress[];
  /** Others read along here. */
  readonly host: RelayHost | undefined;
  /** Lives on the same address and port, by TCP. */
  readonly companion: PortCompanion | undefined;
  /** True when a collector waits for the port. */
  readonly isAskedFor: (signal: AbortSignal) => Promise<boolean>;
  readonly sink: Sink;
  readonly onGood: (at: number) => void;
}
export type OwnerEnd =
  | { readonly kind: 'aborted' }
  | { readonly kind: 'failed'; readonly cause: unknown }
  /** The port was left to a collector. */
  | { readonly kind: 'yielded' };

const FACTS_MS = 1_000;
const FORGET_EVERY = 10;
/** Senders told at once: some 3 ms. */
const PORTION = 300;
const PROC_TIMEOUT_MS = 1_000;

/** The life of one bound socket: what it hears goes to the sink, to readers along and to where it is passed on. */
export class PortOwner {
  readonly #options: PortOwnerOptions;
  readonly #forwarder: Forwarder;
  readonly #yielding = new AbortController();
  #lastGoodAt: number | undefined;
  #cancelFlush: (() => void) | undefined;
  #toldNotes = '';
  #toldBeside = '';

  constructor(options: PortOwnerOptions) {
    this.#options = options;
    const { forward, socket, clock } = options;
    this.#forwarder = new Forwarder(forward, socket.address, clock);
  }
  /** A collector asked for the port. */
  yield(): void {
    this.#yielding.abort();
  }
  /** Until the signal aborts, the socket fails or a collector asks; the sockets are closed then. */
  async run(signal: AbortSignal): Promise<OwnerEnd> {
    const { socket, host, sink, companion, isAllowed } = this.#options;
    // Where it receives is known with the first word of it.
    if (!signal.aborted) sink.facts(this.#factsWith(undefined));
    const life = new AbortController();
    const whole = AbortSignal.any([signal, life.signal, this.#yielding.signal]);
    const received = this.#receive(whole);
    const owned = { ...socket.address, isAllowed, sink };
    const beside = [this.#watch(whole), host?.keepOpen(whole), companion?.own(owned, whole)];
    const failure = await received;
    life.abort();
    // The port first: whoever reads along and sees us leave finds it free. What came before is taken.
    await socket.close().catch(() => undefined);
    this.#cancelFlush?.();
    if (!signal.aborted) this.#flush();
    this.#forwarder.close();
    const isYielded = this.#yielding.signal.aborted;
    await host?.server.close(isYielded ? 'yielded' : 'leaving');
    await Promise.all(beside);
    if (signal.aborted) return { kind: 'aborted' };
    return isYielded ? { kind: 'yielded' } : { kind: 'failed', cause: failure };
  }

  /** Until the signal aborts, or the socket fails: resolves with why. */
  #receive(signal: AbortSignal): Promise<unknown> {
    const { socket } = this.#options;
    return new Promise((resolve) => {
      const end = (failure: unknown) => {
        signal.removeEventListener('abort', onAbort);
        resolve(failure);
      };
      const onAbort = () => end(undefined);
      socket.listen({
        onDatagram: (bytes, from, ageMs) => this.#take(bytes, from, ageMs),
        onError: end,
      });
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }
  #take(bytes: Buffer, from: SocketAddress, ageMs: number): void {
    const { receiver, clock, isAllowed, flushMs, onGood } = this.#options;
    // When it arrived: one that waited for its turn must not make a rate or an age wrong.
    const at = Math.round(clock.now() - ageMs);
    const address = plainAddress(from.address);
    if (!isAllowed(address)) {
      receiver.deny(address, at);
      return;
    }
    this.#lastGoodAt = at;
    onGood(at);
    receiver.takeSafely(bytes, from, at);
    this.#forwarder.send(bytes);
    if (this.#cancelFlush === undefined && receiver.isDirty) {
      this.#cancelFlush = clock.after(flushMs, () => this.#flushInPortions(receiver.changedSenders));
    }
  }
  /** Those that changed until now; a key comes between two portions. */
  #flushInPortions(left: number): void {
    const { receiver, clock, flushMs } = this.#options;
    const isLast = left <= PORTION;
    this.#cancelFlush = undefined;
    this.#emit(receiver.takePortion(clock.now(), PORTION, isLast));
    if (!isLast) {
      const next = setImmediate(() => this.#flushInPortions(left - PORTION));
      this.#cancelFlush = () => clearImmediate(next);
    } else if (receiver.isDirty) {
      this.#cancelFlush = clock.after(flushMs, () => this.#flushInPortions(receiver.changedSenders));
    }
  }
  #flush(): void {
    const { receiver, clock } = this.#options;
    if (receiver.isDirty) this.#emit(receiver.takeChanges(clock.now()));
  }
  #emit(changes: readonly Change[]): void {
    const { sink, known, clock, host } = this.#options;
    const now = clock.now();
    const told: Change[] = [];
    for (const change of changes) {
      if (change.kind === 'sender' && change.type === 'put') {
        const entity = known.put(change.entity, now);
        if (entity !== undefined) told.push({ ...change, entity });
        continue;
      }
      if (change.kind === 'sender' && change.type === 'drop') known.drop(change.ref.id);
      told.push(change);
    }
    if (told.length === 0) return;
    sink.changes(told);
    host?.server.publish(told);
  }

  /** Every second: counts, drops of the kernel, time of the last datagram; silent senders are forgotten. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { receiver, clock, sink, isAskedFor, host } = this.#options;
    let told = receiver.tallies.datagrams;
    let toldRate: number | undefined;
    for (let round = 0; !signal.aborted; round++) {
      const { datagrams } = receiver.tallies;
      const isNews = datagrams !== told;
      const rate = this.#perMinute();
      const notes = this.#notes().join('\n');
      const counted = JSON.stringify(this.#options.companion?.counts());
      const isOther = rate !== toldRate || notes !== this.#toldNotes || counted !== this.#toldBeside;
      const isDue = isNews || isOther || round % FORGET_EVERY === 0;
      const isRead = host !== undefined && host.server.clients > 0;
      const facts = isDue || isRead ? await this.#facts(signal) : undefined;
      if (signal.aborted) return;
      if (facts !== undefined && isDue) {
        if (isNews && this.#lastGoodAt !== undefined) {
          sink.status({ state: 'live', lastGoodAt: this.#lastGoodAt });
        }
        told = datagrams;
        toldRate = rate;
        this.#toldNotes = notes;
        this.#toldBeside = counted;
        sink.facts(facts);
      }
      await sleep(clock, FACTS_MS, signal);
      if (signal.aborted) return;
      if (round % FORGET_EVERY === FORGET_EVERY - 1) this.#forgetSilent();
      // Where none is due, drops that came with no datagram.
      if (this.#cancelFlush === undefined) this.#flush();
      if (await isAskedFor(signal)) this.yield();
    }
  }
  #notes(): readonly string[] {
    const { socket, host, receiver, clock, companion } = this.#options;
    const problems = [socket.note, host?.problem].filter((problem) => problem !== undefined);
    return [
      ...this.#forwarder.notes(),
      ...problems,
      ...receiver.notes(clock.now()),
      ...(companion?.notes() ?? []),
    ];
  }
  #perMinute(): number {
    const { receiver, known, clock } = this.#options;
    const now = clock.now();
    return known.perMinute(receiver.perMinute(now), now);
  }
  async #facts(signal: AbortSignal): Promise<SourceFacts> {
    const { address, family } = this.#options.socket;
    return this.#factsWith(
      await readKernelDrops(address.port, family, withDeadline(signal, PROC_TIMEOUT_MS)),
    );
  }
  #factsWith(drops: number | undefined): SourceFacts {
    const { socket, receiver, clock, host, companion } = this.#options;
    const { address, receiveBufferBytes, overrun } = socket;
    const perMinute = this.#perMinute();
    const received = { ...receiver.counts(clock.now()), perMinute };
    const readers = host?.server.clients ?? 0;
    const counts = {
      ...received,
      ...this.#forwarder.counts(),
      ...companion?.counts(),
      ...(drops !== undefined && { dropped: drops }),
      ...(overrun !== undefined && { overrun }),
      ...(receiveBufferBytes !== undefined && { receiveBufferBytes }),
      ...(readers > 0 && { readers }),
      ...(host !== undefined && host.server.slowReaders > 0 && { slowReaders: host.server.slowReaders }),
    };
    const notes = this.#notes();
    host?.server.facts({
      type: 'facts',
      at: clock.now(),
      isWaiting: false,
      lastGoodAt: this.#lastGoodAt,
      perMinute,
      counts,
      notes,
    });
    return {
      target: `udp ${addressText(address)}`,
      requestsPerMinute: perMinute,
      counts,
      ...(notes.length > 0 && { notes }),
    };
  }
  /** Also those only the receiver before heard. */
  #forgetSilent(): void {
    const { receiver, known, clock, forgetMs } = this.#options;
    const now = clock.now();
    receiver.forgetSilent(now);
    this.#flush();
    this.#emit(known.takeSilent(now, forgetMs));
  }
}
