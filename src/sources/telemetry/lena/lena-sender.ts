import { cleanLine } from '../../../core/text.ts';
import type { JvmSample, MemoryUse } from '../../../domain/jvm-sample.ts';
import { refOf } from '../../../domain/ref.ts';
import type { Sender } from '../../../domain/sender.ts';
import type { CounterPack, LenaMap, ObjectPack } from '../../../wire/lena/pack.ts';
import { CounterBag } from '../counters.ts';
import { Pulse, type RateLimit } from '../pulse.ts';
import type { TrackedSender } from '../tracked-sender.ts';
import { LenaGc } from './lena-gc.ts';
import { LenaParts } from './lena-parts.ts';
import { lenaServerType } from './lena-server-type.ts';
import { amountOf, counterOf, isSameMap, numberOf, numbersOf, textOf } from './lena-values.ts';
import type { ObjectName } from './object-name.ts';

/** The advertiser's cycle. */
export const LENA_INTERVAL_MS = 2_000;
/** A pack that comes again within this time is a repeat of the queue, not news. */
const REPEAT_MS = LENA_INTERVAL_MS / 2;
const REPEATS_REMEMBERED = 4;
/** A part not heard for this many cycles while its server is heard is gone. */
const PART_CYCLES = 8;
const MEBIBYTE = 1_048_576;
const REAL_TIME = 1;
const FIVE_MINUTES = 3;
const GOODBYE = /^STOPP(ING|ED)$/;

/** Counters of the server itself that have a field of their own. */
const WITH_FIELDS: ReadonlySet<string> = new Set([
  'HeapUsed',
  'HeapTotUsage',
  'GcCount',
  'GcTime',
  'GcMemory',
  'TPS',
  'ElapsedTime',
  'ErrorRate',
  'ActiveSpeed',
  'serverStartTime',
  'appStatus',
]);
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

const mebibytes = (value: number | undefined): number | undefined =>
  value === undefined || value < 0 ? undefined : Math.round(value * MEBIBYTE);

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
  #realTime: LenaMap | undefined = undefined;
  #fiveMinutes: LenaMap | undefined = undefined;
  readonly #recent: { readonly counters: LenaMap; readonly at: number }[] = [];
  #object: ObjectPack | undefined = undefined;
  #opaque = 0;
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
  }
  takeObject(pack: ObjectPack, part: string | undefined): void {
    if (part === undefined) this.#object = pack;
  }
  takeCounters(pack: CounterPack, part: string | undefined, now: number): void {
    if (part !== undefined) {
      if (pack.timeType !== FIVE_MINUTES) this.#parts.set(part, pack.counters, now);
    } else if (pack.timeType === FIVE_MINUTES) this.#fiveMinutes = pack.counters;
    else if (pack.timeType === REAL_TIME && !this.#isRepeat(pack.counters, now))
      this.#sample(pack.counters, now);
  }
  /** The start of a JVM other than the one so far: a restart, whatever the port. */
  restart(startedAt: number | undefined): void {
    this.restarts++;
    this.startedAt = startedAt;
    this.byeAt = undefined;
    this.#gc.restart();
    this.#parts.clear();
    this.#realTime = undefined;
    this.#fiveMinutes = undefined;
    this.#recent.length = 0;
  }
  #isRepeat(counters: LenaMap, now: number): boolean {
    if (this.countersAt === undefined || now - this.countersAt >= REPEAT_MS) this.#recent.length = 0;
    if (this.#recent.some((known) => now - known.at < REPEAT_MS && isSameMap(known.counters, counters)))
      return true;
    if (this.#recent.length >= REPEATS_REMEMBERED) this.#recent.shift();
    this.#recent.push({ counters, at: now });
    return false;
  }
  #sample(counters: LenaMap, now: number): void {
    const startedAt = amountOf(counters.get('serverStartTime'));
    if (startedAt !== undefined && this.startedAt !== undefined && startedAt !== this.startedAt) {
      this.restart(startedAt);
    }
    this.startedAt = startedAt ?? this.startedAt;
    this.#realTime = counters;
    this.countersAt = now;
    this.#gc.sample(counters, now, this.startedAt);
    const isLeaving = GOODBYE.test(textOf(counters.get('appStatus')) ?? '');
    this.byeAt = isLeaving ? (this.byeAt ?? now) : undefined;
  }

  toSender(context: string, now: number): Sender {
    const tags = this.#object?.tags;
    const appStatus = textOf(this.#realTime?.get('appStatus'));
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
      appStatus: text(appStatus, 64),
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
    const counters = this.#realTime;
    const at = this.countersAt;
    if (counters === undefined || at === undefined) return undefined;
    this.#parts.dropUnheardSince(at - PART_CYCLES * LENA_INTERVAL_MS);
    return {
      source: 'lena',
      at,
      heap: this.#heap(counters),
      gcPerMinute: this.#gc.perMinute,
      gcTimePercent: this.#gc.timePercent,
      lastFullGc: this.#gc.lastFullGc,
      tps: amountOf(counters.get('TPS')),
      meanMs: amountOf(counters.get('ElapsedTime')),
      errorPercent: amountOf(counters.get('ErrorRate')),
      active: activeOf(counters),
      connectors: this.#parts.connectors(),
      dataSources: this.#parts.dataSources(),
      startedAt: this.startedAt,
    };
  }
  #heap(counters: LenaMap): MemoryUse | undefined {
    const [committed, used, max] = numbersOf(counters.get('HeapTotUsage'));
    const usedBytes = mebibytes(numberOf(counters.get('HeapUsed')) ?? used);
    const committedBytes = mebibytes(committed);
    const maxBytes = mebibytes(max);
    const { afterGcBytes } = this.#gc;
    return usedBytes === undefined && committedBytes === undefined && maxBytes === undefined
      ? undefined
      : { usedBytes, committedBytes, maxBytes, afterGcBytes };
  }
  #toCounters(): Sender['counters'] {
    const bag = new CounterBag();
    for (const [name, value] of this.#realTime ?? [])
      if (!WITH_FIELDS.has(name)) bag.add(name, counterOf(value));
    for (const [name, value] of this.#fiveMinutes ?? []) bag.add(`${name}.5m`, counterOf(value));
    for (const [name, value] of this.#object?.tags ?? [])
      if (!TAGS_WITH_FIELDS.has(name)) bag.add(name, counterOf(value));
    if (this.#object !== undefined && this.#object.user !== '') bag.add('user', this.#object.user);
    if (this.#opaque > 0) bag.add('unreadPacks', this.#opaque);
    bag.add('rejectReason', this.pulse.rejectReason);
    this.#parts.addUnknown(bag);
    return bag.toRecord();
  }
}

function activeOf(counters: LenaMap): JvmSample['active'] {
  const [under3s, under8s, over8s] = numbersOf(counters.get('ActiveSpeed'));
  if (under3s === undefined || under8s === undefined || over8s === undefined) return undefined;
  return { under3s, under8s, over8s, total: under3s + under8s + over8s };
}
