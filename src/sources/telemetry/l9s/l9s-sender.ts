import { cleanLine } from '../../../core/text.ts';
import { refOf } from '../../../domain/ref.ts';
import type { Sender } from '../../../domain/sender.ts';
import type { ServerType } from '../../../domain/server-type.ts';
import type { L9sDatagram } from '../../../wire/l9s/datagram.ts';
import { CounterBag } from '../counters.ts';
import { Pulse, type RateLimit } from '../pulse.ts';
import { SenderPorts } from '../sender-ports.ts';
import type { TrackedSender } from '../tracked-sender.ts';
import { Holding, type ValueBudget } from '../value-budget.ts';
import { ClockSkew } from './clock-skew.ts';
import { L9sGc } from './l9s-gc.ts';
import { listLength, withoutLists, withoutPauses } from './l9s-lists.ts';
import { type Arrival, L9sOrder } from './l9s-order.ts';
import { L9sRates } from './l9s-rates.ts';
import { addCounters, sampleOf } from './l9s-sample.ts';

/** The default interval of the form; a sender that is slower by its own setting is learned. */
const INTERVAL_MS = 2_000;
/** Two servers of one id are both alive when each was heard within this time. */
const BOTH_ALIVE_MS = 3 * INTERVAL_MS;
const LONGEST_INTERVAL_MS = 60_000;
/** The start is computed anew from each datagram; within this it is the same and does not move. */
const SAME_START_MS = 2_000;

export interface L9sSenderOptions {
  readonly id: string;
  /** Cleaned `host[/name]`, as the sender calls itself. */
  readonly calls: string;
  /** Row name: the same, with the port where two call themselves so. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly now: number;
  readonly limit: RateLimit;
  readonly budget: ValueBudget;
}

/** One server that speaks `l9s/1`. */
export class L9sSender implements TrackedSender {
  id: string;
  readonly isNameless = false;
  readonly name: string;
  readonly address: string;
  readonly pulse: Pulse;
  readonly ports: SenderPorts;
  port: number;
  byeAt: number | undefined = undefined;
  readonly #calls: string;
  readonly #order = new L9sOrder();
  readonly #skew = new ClockSkew();
  /** One that says 0 has none to be synchronised, as a line typed by hand. */
  #hasClock: boolean = true;
  readonly #gc: L9sGc;
  readonly #rates = new L9sRates();
  readonly #holding: Holding;
  /** Newest datagram that carried figures, and when it came. */
  #figures: { readonly datagram: L9sDatagram; readonly at: number } | undefined = undefined;
  #serverType: ServerType | undefined = undefined;
  #serviceCluster: string | undefined = undefined;
  #revision: string | undefined = undefined;
  #restarts = 0;
  #startedAt: number | undefined = undefined;
  #meanGapMs = INTERVAL_MS;

  constructor({ id, calls, name, address, port, now, limit, budget }: L9sSenderOptions) {
    this.#holding = new Holding(budget);
    this.#gc = new L9sGc(budget);
    this.id = id;
    this.name = name;
    this.#calls = calls;
    this.address = address;
    this.port = port;
    this.ports = new SenderPorts(port, now, BOTH_ALIVE_MS);
    this.pulse = new Pulse(now, INTERVAL_MS, limit);
  }
  /** Sender's clock minus ours. */
  get skewMs(): number {
    return this.#skew.medianMs ?? 0;
  }
  take(datagram: L9sDatagram, now: number): Arrival {
    const arrival = this.#order.take(datagram);
    this.pulse.lost = this.#order.lost;
    if (arrival === 'late' || arrival === 'repeat') return arrival;
    this.#skew.add(datagram.at, now);
    this.#hasClock = datagram.at > 0;
    if (arrival === 'restart') {
      this.#restarts++;
      this.#gc.restart();
      this.#rates.restart();
      this.#figures = undefined;
      this.#startedAt = undefined;
    }
    const startedAt = datagram.at - datagram.upMs - this.skewMs;
    // An uptime of more than all the years of the clock is none.
    if (startedAt >= 0 && Math.abs(startedAt - (this.#startedAt ?? 0)) > SAME_START_MS)
      this.#startedAt = startedAt;
    this.#serverType = datagram.serverType;
    this.#serviceCluster = datagram.serviceCluster ?? this.#serviceCluster;
    this.#revision = datagram.revision ?? this.#revision;
    this.byeAt = datagram.type === 'bye' ? now : datagram.type === 'event' ? this.byeAt : undefined;
    if (datagram.type !== 'event' && datagram.type !== 'bye') this.#takeFigures(datagram, now);
    return arrival;
  }
  #takeFigures(datagram: L9sDatagram, now: number): void {
    const last = this.#figures;
    if (datagram.type === 'jvm') {
      this.#gc.sample(datagram, now, this.skewMs);
      this.#rates.errors.add(datagram.upMs, datagram.tx?.errors);
    } else if (datagram.type === 'web') {
      this.#rates.requests.add(datagram.upMs, datagram.access);
      this.#rates.traffic.add(datagram.upMs, datagram.trafficBytes);
    }
    const hasRoom = this.#holding.resize(listLength(datagram));
    this.#figures = { datagram: hasRoom ? withoutPauses(datagram) : withoutLists(datagram), at: now };
    const steps = last === undefined ? 0 : datagram.seq - last.datagram.seq;
    if (last === undefined || steps <= 0) return;
    const gapMs = Math.min(LONGEST_INTERVAL_MS, (now - last.at) / steps);
    this.#meanGapMs += (gapMs - this.#meanGapMs) / 4;
    this.pulse.intervalMs = Math.max(INTERVAL_MS, Math.round(this.#meanGapMs / 500) * 500);
  }
  release(): void {
    this.#holding.resize(0);
    this.#gc.pauses.clear();
    if (this.#figures !== undefined)
      this.#figures = { ...this.#figures, datagram: withoutLists(this.#figures.datagram) };
  }

  toSender(context: string, now: number): Sender {
    const [hostName, ...rest] = this.#calls.split('/');
    const bag = new CounterBag();
    if (this.#figures !== undefined) addCounters(bag, this.#figures.datagram);
    bag.add('rejectReason', this.pulse.rejectReason);
    const skewMs = this.#hasClock ? this.#skew.medianMs : undefined;
    this.pulse.clockSkewMs = skewMs;
    return {
      ref: refOf('sender', context, this.id),
      codec: 'l9s',
      name: this.name,
      hostName: hostName === '' ? undefined : hostName,
      serverName: rest.length === 0 ? undefined : rest.join('/'),
      sourceAddress: this.address,
      sourcePort: this.port,
      serverType: this.#serverType,
      serviceCluster: cleaned(this.#serviceCluster),
      revision: cleaned(this.#revision),
      byeAt: this.byeAt,
      restarts: this.#restarts,
      jvm: this.#toSample(now),
      heartbeat: this.pulse.toHeartbeat(now),
      counters: bag.toRecord(),
    };
  }
  #toSample(now: number): Sender['jvm'] {
    if (this.#figures === undefined) return undefined;
    const { datagram, at } = this.#figures;
    return sampleOf(datagram, { at, now, startedAt: this.#startedAt, gc: this.#gc, rates: this.#rates });
  }
}

const cleaned = (text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : cleanLine(text, 128);
