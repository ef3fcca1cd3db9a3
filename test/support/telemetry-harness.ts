import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Clock } from '../../src/core/clock.ts';
import type { OpsEvent } from '../../src/domain/event.ts';
import type { Change } from '../../src/domain/ports.ts';
import type { Sender } from '../../src/domain/sender.ts';
import type { SourceFacts, SourceStatus } from '../../src/domain/source-status.ts';
import {
  createTelemetrySource,
  type TelemetryOptions,
  type TelemetrySource,
} from '../../src/sources/telemetry/telemetry-source.ts';

/** Deadline of every wait; a test that reaches it has failed. */
const DEADLINE_MS = 5_000;

/** Resolves once `isTrue`; checked as fast as the event loop turns. */
export async function until(isTrue: () => boolean, what: string): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A clock the test turns; the source reads it once as each datagram arrives, which is how arrival is seen. */
export class TestClock implements Clock {
  reads = 0;
  #now: number;
  #timers: { readonly at: number; readonly task: () => void }[] = [];
  constructor(now: number) {
    this.#now = now;
  }
  now(): number {
    this.reads++;
    return this.#now;
  }
  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }
  /** Moves to an instant and runs what is due on the way. */
  moveTo(now: number): void {
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= now).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((each) => each !== due);
      this.#now = Math.max(this.#now, due.at);
      due.task();
    }
    this.#now = Math.max(this.#now, now);
  }
  advance(byMs: number): void {
    this.moveTo(this.#now + byMs);
  }
  get isAwaited(): boolean {
    return this.#timers.length > 0;
  }
}

export class TelemetryHarness {
  readonly clock: TestClock;
  readonly source: TelemetrySource;
  readonly senders = new Map<string, Sender>();
  readonly events = new Map<string, OpsEvent>();
  readonly statuses: SourceStatus[] = [];
  readonly batches: (readonly Change[])[] = [];
  facts: SourceFacts = {};
  readonly #stop = new AbortController();
  readonly #sockets: Socket[] = [];
  readonly #run: Promise<void>;

  constructor(startAt: number, options: Partial<TelemetryOptions> = {}) {
    this.clock = new TestClock(startAt);
    this.source = createTelemetrySource({
      listen: { host: '127.0.0.1', port: 0 },
      clock: this.clock,
      random: () => 0.5,
      ...options,
    });
    this.#run = this.source.run(
      {
        changes: (batch) => this.#take(batch),
        status: (status) => this.statuses.push(status),
        facts: (facts) => {
          this.facts = facts;
        },
      },
      this.#stop.signal,
    );
  }
  #take(batch: readonly Change[]): void {
    this.batches.push(batch);
    for (const change of batch) {
      if (change.type === 'put' && change.kind === 'sender')
        this.senders.set(change.entity.ref.id, change.entity);
      if (change.type === 'put' && change.kind === 'event')
        this.events.set(change.entity.ref.id, change.entity);
      if (change.type === 'drop' && change.kind === 'sender') this.senders.delete(change.ref.id);
    }
  }
  async bound(): Promise<void> {
    await until(() => this.source.address !== undefined, 'the socket to be bound');
  }
  /** A socket of its own, hence a port of its own. */
  async socket(host = '127.0.0.1'): Promise<Socket> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    this.#sockets.push(socket);
    socket.bind(0, host);
    await once(socket, 'listening');
    return socket;
  }
  /** Sends one datagram and waits until the source has taken it. */
  async send(socket: Socket, bytes: Uint8Array | string): Promise<void> {
    const address = this.source.address;
    if (address === undefined) throw new Error('not bound');
    const before = this.clock.reads;
    socket.send(bytes, address.port, address.host);
    await until(() => this.clock.reads > before, 'a datagram to arrive');
  }
  flush(): void {
    this.clock.advance(250);
  }
  /** Lets seconds pass until something holds. */
  async turnUntil(isTrue: () => boolean, what: string): Promise<void> {
    await until(() => {
      if (isTrue()) return true;
      // Only while somebody waits for it: the source may be reading a file, and that takes no time of this clock.
      if (this.clock.isAwaited) this.clock.advance(1_000);
      return false;
    }, what);
  }
  sender(name: string): Sender {
    const found = [...this.senders.values()].filter((sender) => sender.name === name);
    if (found.length !== 1 || found[0] === undefined)
      throw new Error(`${found.length} senders ${name} of ${[...this.senders.keys()].join(', ')}`);
    return found[0];
  }
  /** Counts as of the next round of facts. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    const before = this.facts;
    await this.turnUntil(() => this.facts !== before, 'facts');
    return this.facts.counts ?? {};
  }
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#run;
    for (const socket of this.#sockets) socket.close();
  }
}
