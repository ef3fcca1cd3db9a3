import { cleanLine } from '../../../core/text.ts';
import type { JvmSample, MemoryUse } from '../../../domain/jvm-sample.ts';
import { refOf } from '../../../domain/ref.ts';
import type { Sender } from '../../../domain/sender.ts';
import type { CounterPack, LenaMap, ObjectPack } from '../../../wire/lena/pack.ts';
import { CounterBag } from '../counters.ts';
import { Pulse, type RateLimit } from '../pulse.ts';
import type { TrackedSender } from '../tracked-sender.ts';
import { LenaExtras } from './lena-extras.ts';
import { figuresOf, type LenaFigures, WITH_FIELDS } from './lena-figures.ts';
import { LenaGc } from './lena-gc.ts';
import { LenaParts } from './lena-parts.ts';
import { lenaServerType } from './lena-server-type.ts';
import { amountOf, counterOf, textOf } from './lena-values.ts';
import type { ObjectName } from './object-name.ts';
import { PackRepeats } from './pack-repeats.ts';

/** The advertiser's cycle. */
export const LENA_INTERVAL_MS = 2_000;
/** A pack that comes again within this time is a repeat of the queue, not news. */
const REPEAT_MS = LENA_INTERVAL_MS / 2;
/** A part not heard for this many cycles while its server is heard is gone. */
const PART_CYCLES = 8;
const REAL_TIME = 1;
const FIVE_MINUTES = 3;
const GOODBYE = /^STOPP(ING|ED)$/;

const NO_FIELDS: ReadonlySet<string> = new Set();
/** Tags with a field of their own; the others are shown as they came. */
const TAGS_WITH_FIELDS: ReadonlySet<string> = new Set(['containerGroupName', 'hostName']);

export interface LenaSenderOptions {
  readonly id: string;
  readonly name: ObjectName;
  readonly address: string;
  readonly port: number;
  readonly now: number;
  readonly limit: RateLimit;
}

/** One LENA server as its datagrams tell it. */
export class LenaSender implements TrackedSender {
  id: string;
  readonly isNameless = false;
  readonly name: ObjectName;
  readonly address: string;
  readonly pulse: Pulse;
  port: number;
  startedAt: number | undefined = undefined;
  restarts = 0;
  byeAt: number | undefined = undefined;
  /** When counters of the server itself last came: object packs do not tell which JVM they are from. */
  countersAt: number | undefined = undefined;
  readonly #gc = new LenaGc(LENA_INTERVAL_MS);
  readonly #parts = new LenaParts();
  readonly #repeats = new PackRepeats(REPEAT_MS);
  readonly #extras = new LenaExtras(WITH_FIELDS);
  readonly #fiveMinutes = new LenaExtras(NO_FIELDS);
  #figures: LenaFigures | undefined = undefined;
  #object: ObjectPack | undefined = undefined;
  #opaque = 0;
  #rejectReason: string | undefined = undefined;
  #counters: Sender['counters'] | undefined = undefined;
  /** Last datagram that was counted, so that several packs of one count once. */
  #countedDatagram = -1;
  #mayRead = true;

  constructor({ id, name, address, port, now, limit }: LenaSenderOptions) {
    this.id = id;
    this.name = name;
    this.address = address;
    this.port = port;
    this.pulse = new Pulse(now, LENA_INTERVAL_MS, limit);
  }
  /** Counts a datagram once, however many packs of it are about this server; false: too many, do not read. */
  beat(datagram: number, now: number): boolean {
    if (datagram !== this.#countedDatagram) {
      this.#countedDatagram = datagram;
      this.#mayRead = this.pulse.beat(now);
    }
    return this.#mayRead;
  }
  addOpaque(): void {
    this.#opaque++;
    this.#counters = undefined;
  }
  takeObject(pack: ObjectPack, part: string | undefined): void {
    if (part !== undefined) return;
    this.#object = pack;
    this.#counters = undefined;
  }
  takeCounters(pack: CounterPack, part: string | undefined, now: number): void {
    if (part !== undefined) {
      if (pack.timeType !== FIVE_MINUTES) this.#parts.set(part, pack.counters, now);
    } else if (pack.timeType === FIVE_MINUTES) this.#fiveMinutes.take(pack.counters);
    else if (pack.timeType === REAL_TIME && !this.#repeats.isRepeat(pack.counters, now))
      this.#sample(pack.counters, now);
  }
  /** The start of a JVM other than the one so far: a restart, whatever the port. */
  restart(startedAt: number | undefined): void {
    this.restarts++;
    this.startedAt = startedAt;
    this.byeAt = undefined;
    this.#gc.restart();
    this.#parts.clear();
    this.#figures = undefined;
    this.#extras.clear();
    this.#fiveMinutes.clear();
    this.#repeats.clear();
  }
  #sample(counters: LenaMap, now: number): void {
    const startedAt = amountOf(counters.get('serverStartTime'));
    if (startedAt !== undefined && this.startedAt !== undefined && startedAt !== this.startedAt) {
      this.restart(startedAt);
    }
    this.startedAt = startedAt ?? this.startedAt;
    this.#figures = figuresOf(counters);
    this.#extras.take(counters);
    this.countersAt = now;
    this.#gc.sample(counters, now, this.startedAt);
    const isLeaving = GOODBYE.test(this.#figures.appStatus ?? '');
    this.byeAt = isLeaving ? (this.byeAt ?? now) : undefined;
  }

  toSender(context: string, now: number): Sender {
    const tags = this.#object?.tags;
    const text = (value: string | undefined, longest = 128): string | undefined =>
      value === undefined || value === '' ? undefined : cleanLine(value, longest);
    return {
      ref: refOf('sender', context, this.id),
      codec: 'lena',
      name: this.#rowName(),
      hostName: text(textOf(tags?.get('hostName'))) ?? this.name.hostName,
      serverName: this.name.serverName,
      sourceAddress: this.address,
      sourcePort: this.port,
      reportedAddress: text(this.#object?.address),
      serverType: lenaServerType(textOf(tags?.get('serverType'))),
      serviceCluster: text(textOf(tags?.get('containerGroupName'))),
      version: text(this.#object?.version, 64),
      appStatus: text(this.#figures?.appStatus, 64),
      byeAt: this.byeAt,
      restarts: this.restarts,
      jvm: this.#toSample(),
      heartbeat: this.pulse.toHeartbeat(now),
      counters: this.#toCounters(),
    };
  }
  /** With its port where two JVMs of one name run at one address. */
  #rowName(): string {
    return this.id.endsWith(`@${this.address}`) ? this.name.server : `${this.name.server}:${this.port}`;
  }
  #toSample(): JvmSample | undefined {
    const figures = this.#figures;
    const at = this.countersAt;
    if (figures === undefined || at === undefined) return undefined;
    this.#parts.dropUnheardSince(at - PART_CYCLES * LENA_INTERVAL_MS);
    return {
      source: 'lena',
      at,
      heap: this.#heap(figures),
      gcPerMinute: this.#gc.perMinute,
      gcTimePercent: this.#gc.timePercent,
      lastFullGc: this.#gc.lastFullGc,
      tps: figures.tps,
      meanMs: figures.meanMs,
      errorPercent: figures.errorPercent,
      active: figures.active,
      connectors: this.#parts.connectors(),
      dataSources: this.#parts.dataSources(),
      startedAt: this.startedAt,
    };
  }
  #heap({ usedBytes, committedBytes, maxBytes }: LenaFigures): MemoryUse | undefined {
    const { afterGcBytes } = this.#gc;
    return usedBytes === undefined && committedBytes === undefined && maxBytes === undefined
      ? undefined
      : { usedBytes, committedBytes, maxBytes, afterGcBytes };
  }
  /** Built anew only when something in it changed. */
  #toCounters(): Sender['counters'] {
    // All are asked, for each forgets that it changed.
    const changes = [this.#extras.takeChanged(), this.#fiveMinutes.takeChanged(), this.#parts.takeChanged()];
    const isRejectNew = this.pulse.rejectReason !== this.#rejectReason;
    if (this.#counters !== undefined && !changes.includes(true) && !isRejectNew) return this.#counters;
    this.#rejectReason = this.pulse.rejectReason;
    const bag = new CounterBag();
    this.#extras.addTo(bag, '');
    this.#fiveMinutes.addTo(bag, '.5m');
    for (const [name, value] of this.#object?.tags ?? [])
      if (!TAGS_WITH_FIELDS.has(name)) bag.add(name, counterOf(value));
    if (this.#object !== undefined && this.#object.user !== '') bag.add('user', this.#object.user);
    if (this.#opaque > 0) bag.add('unreadPacks', this.#opaque);
    bag.add('rejectReason', this.pulse.rejectReason);
    this.#parts.addUnknown(bag);
    this.#counters = bag.toRecord();
    return this.#counters;
  }
}
