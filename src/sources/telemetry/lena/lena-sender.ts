import { cleanLine } from '../../../core/text.ts';
import type { JvmSample, MemoryUse } from '../../../domain/jvm-sample.ts';
import { refOf } from '../../../domain/ref.ts';
import type { Sender } from '../../../domain/sender.ts';
import { objHashOf } from '../../../wire/lena/object-hash.ts';
import type { CounterPack, LenaMap, ObjectPack } from '../../../wire/lena/pack.ts';
import { collectionFigures } from '../collection-figures.ts';
import { CounterBag } from '../counters.ts';
import { Pulse, type RateLimit } from '../pulse.ts';
import type { TrackedSender } from '../tracked-sender.ts';
import { Holding, type ValueBudget } from '../value-budget.ts';
import { figuresOf, type LenaFigures, WITH_FIELDS } from './lena-figures.ts';
import { LenaGc } from './lena-gc.ts';
import { LenaGenerics } from './lena-generics.ts';
import { type LenaObject, objectCounters, objectOf, TAGS_WITH_FIELDS } from './lena-object.ts';
import { LenaParts, partFields } from './lena-parts.ts';
import { amountOf } from './lena-values.ts';
import type { ObjectName } from './object-name.ts';
import { PackRepeats } from './pack-repeats.ts';
import { UnreadPacks } from './unread-packs.ts';

/** The advertiser's cycle. */
export const LENA_INTERVAL_MS = 2_000;
/** A pack that comes again within this time is a repeat of the queue, not news. */
const REPEAT_MS = LENA_INTERVAL_MS / 2;
/** A part not heard for this many cycles while its server is heard is gone. */
const PART_CYCLES = 8;
const PART_KEPT_MS = PART_CYCLES * LENA_INTERVAL_MS;
/** Sums over five minutes, and of kinds not known, may come as seldom. */
const SUM_KEPT_MS = 900_000;
const REAL_TIME = 1;
const GOODBYE = /^STOPP(ING|ED)$/;

const OWN = { key: '', suffix: '' } as const;
const NO_FIELDS: ReadonlySet<string> = new Set();

/** What tells counters of another time type from the real-time ones. */
const suffixOf = (timeType: number): string =>
  timeType === REAL_TIME ? '' : timeType === 3 ? '.5m' : `.type${timeType}`;

export interface LenaSenderOptions {
  readonly id: string;
  readonly name: ObjectName;
  readonly address: string;
  readonly port: number;
  readonly now: number;
  readonly limit: RateLimit;
  readonly budget: ValueBudget;
}

/** One LENA server as its datagrams tell it. */
export class LenaSender implements TrackedSender {
  id: string;
  readonly isNameless = false;
  readonly name: ObjectName;
  readonly address: string;
  /** By which alerts name it. */
  readonly objHash: number;
  readonly pulse: Pulse;
  port: number;
  startedAt: number | undefined = undefined;
  restarts = 0;
  byeAt: number | undefined = undefined;
  /** When counters of the server itself last came: object packs do not tell which JVM they are from. */
  countersAt: number | undefined = undefined;
  readonly #gc = new LenaGc(LENA_INTERVAL_MS);
  readonly #parts: LenaParts;
  readonly #repeats = new PackRepeats(REPEAT_MS);
  readonly #generics: LenaGenerics;
  #figures: LenaFigures | undefined = undefined;
  #object: LenaObject | undefined = undefined;
  readonly #unread = new UnreadPacks();
  #rejectReason: string | undefined = undefined;
  #counters: Sender['counters'] | undefined = undefined;
  /** Last datagram that was counted, so that several packs of one count once. */
  #countedDatagram = -1;
  #mayRead = true;
  #limitedDatagram = -1;

  constructor({ id, name, address, port, now, limit, budget }: LenaSenderOptions) {
    const holding = new Holding(budget);
    this.#parts = new LenaParts(holding);
    this.#generics = new LenaGenerics(holding);
    this.id = id;
    this.objHash = objHashOf(`/${name.server}/`);
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
  /** True once for each datagram. */
  isFirstLimited(datagram: number): boolean {
    const isFirst = datagram !== this.#limitedDatagram;
    this.#limitedDatagram = datagram;
    return isFirst;
  }
  /** A pack of a form that is not known. */
  addOpaque(packType: number): void {
    this.#unread.add(packType);
    this.#counters = undefined;
  }
  takeObject(pack: ObjectPack, part: string | undefined, now: number): void {
    if (part === undefined) this.#object = objectOf(pack);
    else if (pack.tags.size === 0) return;
    const suffix = part === undefined ? '' : ` of ${part}`;
    this.#generics.take(objectCounters(pack), {
      key: `object${suffix}`,
      suffix,
      withFields: part === undefined ? TAGS_WITH_FIELDS : NO_FIELDS,
      keepMs: SUM_KEPT_MS,
      now,
    });
  }
  takeCounters(pack: CounterPack, part: string | undefined, now: number): void {
    const { counters, timeType } = pack;
    if (part !== undefined) this.#takePart(pack, part, now);
    else if (timeType === REAL_TIME) {
      if (!this.#repeats.isRepeat(counters, now)) this.#sample(counters, now);
    } else {
      const suffix = suffixOf(timeType);
      const key = suffix;
      this.#generics.take(counters, { key, suffix, withFields: NO_FIELDS, keepMs: SUM_KEPT_MS, now });
    }
  }
  #takePart({ counters, timeType }: CounterPack, part: string, now: number): void {
    const isRealTime = timeType === REAL_TIME;
    if (isRealTime) this.#parts.set(part, counters, now);
    const withFields = isRealTime ? partFields(counters) : NO_FIELDS;
    if (!hasOther(counters, withFields)) return;
    const suffix = `${suffixOf(timeType)} of ${part}`;
    const keepMs = isRealTime ? PART_KEPT_MS : SUM_KEPT_MS;
    this.#generics.take(counters, { key: suffix, suffix, withFields, keepMs, now });
  }
  /** True where the number is that of the server or of an object below it that was heard. */
  isNamedBy(objHash: number): boolean {
    return objHash === this.objHash || this.#parts.hasHash(objHash, `/${this.name.server}//`);
  }
  /** Gives up all it keeps beyond its figures; what comes next fills it again. */
  release(): void {
    this.#parts.clear();
    this.#generics.clear();
  }
  /** The start of a JVM other than the one so far: a restart, whatever the port. */
  restart(startedAt: number | undefined): void {
    this.restarts++;
    this.startedAt = startedAt;
    this.byeAt = undefined;
    this.#gc.restart();
    this.#parts.clear();
    this.#figures = undefined;
    this.#generics.clear();
    this.#repeats.clear();
  }
  #sample(counters: LenaMap, now: number): void {
    const startedAt = amountOf(counters.get('serverStartTime'));
    if (startedAt !== undefined && this.startedAt !== undefined && startedAt !== this.startedAt) {
      this.restart(startedAt);
    }
    this.startedAt = startedAt ?? this.startedAt;
    this.#figures = figuresOf(counters);
    this.#generics.take(counters, { ...OWN, withFields: WITH_FIELDS, keepMs: SUM_KEPT_MS, now });
    this.countersAt = now;
    this.#gc.sample(counters, now, this.startedAt);
    const isLeaving = GOODBYE.test(this.#figures.appStatus ?? '');
    this.byeAt = isLeaving ? (this.byeAt ?? now) : undefined;
  }

  toSender(context: string, now: number): Sender {
    const object = this.#object;
    const appStatus = this.#figures?.appStatus;
    return {
      ref: refOf('sender', context, this.id),
      codec: 'lena',
      name: this.#rowName(),
      hostName: object?.hostName ?? this.name.hostName,
      serverName: this.name.serverName,
      sourceAddress: this.address,
      sourcePort: this.port,
      reportedAddress: object?.reportedAddress,
      serverType: object?.serverType,
      serviceCluster: object?.serviceCluster,
      version: object?.version,
      appStatus: appStatus === undefined ? undefined : cleanLine(appStatus, 64),
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
    this.#parts.dropUnheardSince(at - PART_KEPT_MS);
    this.#generics.dropUnheard(at);
    return {
      source: 'lena',
      at,
      heap: this.#heap(figures),
      ...collectionFigures(this.#gc, at),
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
    const isRejectNew = this.pulse.rejectReason !== this.#rejectReason;
    if (!this.#generics.takeChanged() && this.#counters !== undefined && !isRejectNew) return this.#counters;
    this.#rejectReason = this.pulse.rejectReason;
    const bag = new CounterBag();
    this.#generics.addTo(bag);
    this.#unread.addTo(bag);
    bag.add('rejectReason', this.pulse.rejectReason);
    this.#counters = bag.toRecord();
    return this.#counters;
  }
}

const hasOther = (counters: LenaMap, withFields: ReadonlySet<string>): boolean => {
  for (const name of counters.keys()) if (!withFields.has(name)) return true;
  return false;
};
