import { DatagramReceiver } from '../../src/sources/telemetry/datagram-receiver.ts';
import { decodeDatagram } from '../../src/wire/datagram.ts';
import type { L9sJvm } from '../../src/wire/l9s/datagram.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';
import { decodeLenaDatagram } from '../../src/wire/lena/decode.ts';
import { encodeLenaDatagrams, encodeLenaQueue } from '../../src/wire/lena/encode.ts';
import type { CounterPack, LenaPack } from '../../src/wire/lena/pack.ts';
import { readRecording } from '../support/lena-recordings.ts';

const SERVERS = 1_000;
const CYCLES = 40;
const CYCLE_MS = 2_000;
const FLUSHES = 8;

interface Timed {
  readonly bytes: Uint8Array;
  readonly port: number;
}

/** Every server's datagrams of one cycle: its counters with a connector, then the objects as they queue. */
function lenaCycle(cycle: number): readonly Timed[] {
  const recorded = readRecording('g1').find(({ atMs }) => atMs === 9_983);
  const decoded = decodeLenaDatagram(recorded?.bytes ?? new Uint8Array());
  const packs = decoded.kind === 'packs' ? decoded.packs : [];
  const objects = readRecording('g1').flatMap(({ bytes, atMs }) => {
    const object = atMs === 1_987 ? decodeLenaDatagram(bytes) : undefined;
    return object?.kind === 'packs' ? object.packs.slice(0, 1) : [];
  });
  return Array.from({ length: SERVERS }, (_, server) => {
    const renamed = (pack: LenaPack): LenaPack =>
      'objName' in pack ? { ...pack, objName: pack.objName.replace('/vm/', `/vm${server}/`) } : pack;
    const changed = packs.map(renamed).map((pack) => (pack.pack === 'counters' ? moved(pack, cycle) : pack));
    const datagrams = [...encodeLenaDatagrams(changed), ...encodeLenaQueue(objects.map(renamed))];
    return datagrams.map((bytes) => ({ bytes, port: 20_000 + server }));
  }).flat();
}
function moved(pack: CounterPack, cycle: number): CounterPack {
  if (!pack.counters.has('HeapUsed')) return pack;
  const used = { type: 'float', value: 28 + cycle / 4 } as const;
  return { ...pack, counters: new Map([...pack.counters, ['HeapUsed', used]]) };
}

function l9sCycle(cycle: number): readonly Timed[] {
  return Array.from({ length: SERVERS * 3 }, (_, server) => {
    const value: L9sJvm = {
      l9s: 1,
      type: 'jvm',
      id: `shop-${server}/jvm`,
      serverType: 'springboot',
      serviceCluster: 'shop',
      revision: '12',
      at: cycle * CYCLE_MS,
      seq: cycle,
      upMs: cycle * CYCLE_MS,
      heap: { used: 100_000_000 + cycle, committed: 200_000_000, max: 400_000_000 },
      nonHeap: { used: 50_000_000, committed: 60_000_000 },
      gc: [
        { name: 'G1 Young Generation', count: cycle, timeMs: cycle * 7 },
        { name: 'G1 Old Generation', count: 1, timeMs: 50 },
      ],
      threads: { live: 40, peak: 45, daemon: 30, blocked: 0, stuck: 0 },
      connectors: [{ name: 'http-nio-8080', busy: 3, max: 200 }],
      dataSources: [{ name: 'HikariPool-1', active: 1, idle: 9, max: 10 }],
      cpu: { process: 0.12, system: 0.3 },
      tx: { perSec: 12.5, avgMs: 20, p95Ms: 80, active: 2, errors: 0 },
      sessions: 10,
    };
    return { bytes: encodeL9sDatagram(value), port: 20_000 + server };
  });
}

interface Cost {
  readonly datagrams: number;
  readonly meanBytes: number;
  /** Decode alone. */
  readonly decodeUs: number;
  /** Decode and keep in its sender. */
  readonly storeUs: number;
  /** Decode, keep, and the senders' entities at every flush, four a second. */
  readonly wholeUs: number;
}

/** The median of the cycles after the first quarter, in microseconds a datagram. */
function medianOf(perCycle: readonly number[]): number {
  const settled = perCycle.slice(perCycle.length >> 2).toSorted((a, b) => a - b);
  return Math.round((settled[settled.length >> 1] ?? 0) * 100) / 100;
}

function measure(cycleOf: (cycle: number) => readonly Timed[]): Cost {
  const receiver = new DatagramReceiver('udp');
  const decode: number[] = [];
  const store: number[] = [];
  const whole: number[] = [];
  let datagrams = 0;
  let bytes = 0;
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    const sent = cycleOf(cycle);
    datagrams += sent.length;
    for (const each of sent) bytes += each.bytes.length;
    const started = performance.now();
    for (const each of sent) decodeDatagram(each.bytes);
    const decoded = performance.now();
    let flushMs = 0;
    for (let flush = 0; flush < FLUSHES; flush++) {
      const now = cycle * CYCLE_MS + (flush * CYCLE_MS) / FLUSHES;
      const part = sent.slice((flush * sent.length) / FLUSHES, ((flush + 1) * sent.length) / FLUSHES);
      for (const each of part) receiver.take(each.bytes, { address: '10.0.0.1', port: each.port }, now);
      const flushed = performance.now();
      receiver.takeChanges(now);
      flushMs += performance.now() - flushed;
    }
    const ended = performance.now();
    decode.push(((decoded - started) * 1_000) / sent.length);
    store.push(((ended - decoded - flushMs) * 1_000) / sent.length);
    whole.push(((ended - decoded) * 1_000) / sent.length);
  }
  return {
    datagrams,
    meanBytes: Math.round(bytes / datagrams),
    decodeUs: medianOf(decode),
    storeUs: medianOf(store),
    wholeUs: medianOf(whole),
  };
}

/** Decode cost of the two forms, 1 000 LENA and 3 000 `l9s/1` senders; microseconds a datagram. */
export async function run(): Promise<object> {
  const lenaCounters = measure((cycle) => lenaCycle(cycle).filter(({ bytes }) => bytes.length > 400));
  return { lenaCounters, lena: measure(lenaCycle), l9s: measure(l9sCycle) };
}
