import { cleanLine } from '../../../core/text.ts';
import { refOf } from '../../../domain/ref.ts';
import type { Sender } from '../../../domain/sender.ts';
import { ownText } from '../../../wire/own-text.ts';
import type { StatsdMetric } from '../../../wire/statsd/datagram.ts';
import { micrometerOf } from '../../../wire/statsd/micrometer.ts';
import { CounterBag } from '../counters.ts';
import { Pulse, type RateLimit } from '../pulse.ts';
import { SenderPorts } from '../sender-ports.ts';
import type { TrackedSender } from '../tracked-sender.ts';
import { Holding, type ValueBudget } from '../value-budget.ts';
import { metricKey, StatsdExtras } from './statsd-extras.ts';
import { StatsdFigures } from './statsd-figures.ts';
import type { StatsdIdentity } from './statsd-identity.ts';
import { StatsdInterval } from './statsd-interval.ts';

/** Two servers of one name are both alive when each was heard within this time: three default intervals. */
const BOTH_ALIVE_MS = 30_000;
/** A client that does not gather its lines sends a datagram for each request. */
const LIMIT_TIMES = 5;

export interface StatsdSenderOptions {
  readonly id: string;
  readonly identity: StatsdIdentity;
  /** With the port where two call themselves so. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly now: number;
  readonly limit: RateLimit;
  readonly budget: ValueBudget;
}

/** One server that sends StatsD lines. */
export class StatsdSender implements TrackedSender {
  id: string;
  readonly isNameless = false;
  readonly byeAt = undefined;
  readonly address: string;
  readonly pulse: Pulse;
  readonly ports: SenderPorts;
  port: number;
  readonly #identity: StatsdIdentity;
  readonly #name: string;
  readonly #figures: StatsdFigures;
  readonly #extras: StatsdExtras;
  readonly #interval = new StatsdInterval();
  #container: string | undefined = undefined;

  constructor({ id, identity, name, address, port, now, limit, budget }: StatsdSenderOptions) {
    this.id = id;
    this.#identity = identity;
    this.#name = name;
    this.address = address;
    this.port = port;
    this.ports = new SenderPorts(port, now, BOTH_ALIVE_MS);
    this.pulse = new Pulse(now, this.#interval.intervalMs, {
      perSecond: limit.perSecond * LIMIT_TIMES,
      burst: limit.burst * LIMIT_TIMES,
    });
    this.#figures = new StatsdFigures(budget);
    this.#extras = new StatsdExtras(new Holding(budget));
  }
  take(metrics: readonly StatsdMetric[], now: number): void {
    for (const metric of metrics) {
      const key = metricKey(metric);
      if (metric.type === 'g') this.#interval.add(key, now);
      if (metric.container !== undefined && metric.container !== this.#container)
        this.#container = ownText(metric.container);
      const known = micrometerOf(metric);
      if (known === undefined) this.#extras.take(metric, key);
      else this.#figures.take(metric, { name: known.metric, tags: known.tags, now });
    }
    this.#figures.endDatagram(now);
    this.pulse.intervalMs = this.#interval.intervalMs;
  }
  release(): void {
    this.#figures.release();
    this.#extras.clear();
  }
  toSender(context: string, now: number): Sender {
    const bag = new CounterBag();
    this.#extras.addTo(bag);
    if (this.#container !== undefined) bag.add('container', cleanLine(this.#container, 128));
    bag.add('rejectReason', this.pulse.rejectReason);
    return {
      ref: refOf('sender', context, this.id),
      codec: 'statsd',
      name: this.#name,
      hostName: this.#identity.hostName,
      serverName: this.#identity.serverName,
      sourceAddress: this.address,
      sourcePort: this.port,
      restarts: this.#figures.restarts,
      jvm: this.#figures.toSample(now),
      heartbeat: this.pulse.toHeartbeat(now),
      counters: bag.toRecord(),
    };
  }
}
