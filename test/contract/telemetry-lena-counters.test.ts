import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sender } from '../../src/domain/sender.ts';
import { DatagramReceiver } from '../../src/sources/telemetry/datagram-receiver.ts';
import { decodeLenaDatagram } from '../../src/wire/lena/decode.ts';
import { encodeLenaDatagrams } from '../../src/wire/lena/encode.ts';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import type { CounterPack, LenaPack, LenaValue } from '../../src/wire/lena/pack.ts';
import { RECORDINGS, readRecording } from '../support/lena-recordings.ts';

const START = 1_795_233_200_000;
const MIB = 1_048_576;
const FROM = { address: '10.0.0.7', port: 40_000 };

const decimal = (value: number): LenaValue => ({ type: 'decimal', value });
const float = (value: number): LenaValue => ({ type: 'float', value: Math.fround(value) });
const list = (...value: readonly LenaValue[]): LenaValue => ({ type: 'list', value });
const text = (value: string): LenaValue => ({ type: 'text', value });

/** Where each counter of the server itself is found, by the name it has on the wire. */
const FIELD_OF: Readonly<Record<string, (sender: Sender) => unknown>> = {
  HeapUsed: ({ jvm }) => jvm?.heap?.usedBytes,
  HeapTotUsage: ({ jvm }) => jvm?.heap?.maxBytes ?? jvm?.heap?.committedBytes,
  GcCount: ({ jvm }) => jvm?.gcInterval?.count,
  GcTime: ({ jvm }) => jvm?.gcInterval?.timeMs,
  GcMemory: ({ jvm }) => jvm?.fullGcs,
  TPS: ({ jvm }) => jvm?.tps,
  ElapsedTime: ({ jvm }) => jvm?.meanMs,
  ErrorRate: ({ jvm }) => jvm?.errorPercent,
  ActiveSpeed: ({ jvm }) => jvm?.active?.total,
  serverStartTime: ({ jvm }) => jvm?.startedAt,
  appStatus: ({ appStatus }) => appStatus,
};

function packsOf(bytes: Uint8Array): readonly LenaPack[] {
  const decoded = decodeLenaDatagram(bytes);
  return decoded.kind === 'packs' ? decoded.packs : [];
}
function sendersAfter(receiver: DatagramReceiver, now: number): readonly Sender[] {
  return receiver
    .takeChanges(now)
    .flatMap((change) => (change.type === 'put' && change.kind === 'sender' ? [change.entity] : []));
}
function only(receiver: DatagramReceiver, now: number): Sender {
  const [sender, ...more] = sendersAfter(receiver, now);
  assert.ok(sender !== undefined && more.length === 0);
  return sender;
}

/** The value of a counter that is not known yet is no value: −2, and what is not a number. */
const isKnown = (value: LenaValue): boolean =>
  value.type === 'text' ||
  value.type === 'list' ||
  ((value.type === 'decimal' || value.type === 'float') && value.value >= 0);

function assertArrived(sender: Sender, { objName, timeType, counters }: CounterPack): void {
  const part = objName.split('//')[1];
  for (const [name, value] of counters) {
    if (!isKnown(value)) continue;
    const where = `${name} of ${objName}, time type ${timeType}`;
    if (part !== undefined) {
      const { connectors = [], dataSources = [] } = sender.jvm ?? {};
      const names = [...connectors, ...dataSources].map((one) => one.name);
      assert.ok(
        names.some((one) => part.includes(one)),
        where,
      );
    } else if (timeType === 3) assert.notEqual(sender.counters[`${name}.5m`], undefined, where);
    else
      assert.notEqual(
        FIELD_OF[name] === undefined ? sender.counters[name] : FIELD_OF[name](sender),
        undefined,
        where,
      );
  }
}

for (const recording of RECORDINGS) {
  test(`every counter of recording ${recording} reaches its sender`, () => {
    const receiver = new DatagramReceiver('udp');
    for (const { atMs, bytes } of readRecording(recording)) {
      receiver.take(bytes, FROM, START + atMs);
      for (const pack of packsOf(bytes)) {
        if (pack.pack !== 'counters') continue;
        // Told again as it is now: a pack changes its own sender only.
        receiver.take(bytes, FROM, START + atMs);
        assertArrived(only(receiver, START + atMs), pack);
      }
    }
  });
}

const own = (timeType: number, counters: readonly (readonly [string, LenaValue])[]): CounterPack => ({
  pack: 'counters',
  time: 0,
  objName: '/vm/tomcat1/',
  timeType,
  counters: new Map(counters),
});
const part = (
  name: string,
  counters: readonly (readonly [string, LenaValue])[],
  timeType = 1,
): CounterPack => ({
  ...own(timeType, counters),
  objName: `/vm/tomcat1//${name}`,
});
function taken(...datagrams: readonly (readonly LenaPack[])[]): Sender {
  const receiver = new DatagramReceiver('udp');
  let now = START;
  for (const packs of datagrams) {
    for (const bytes of encodeLenaDatagrams(packs)) receiver.take(bytes, FROM, now);
    now += 2_000;
  }
  return only(receiver, now);
}

test('a full set of counters arrives under the documented names, with the documented units', () => {
  const started = START - 60_000;
  const first = own(1, [
    ['serverStartTime', decimal(started)],
    ['GcMemory', list(decimal(0), decimal(0), decimal(0), decimal(0), decimal(0))],
  ]);
  const sender = taken(
    [first],
    [
      own(1, [
        ['HeapUsed', float(101.5)],
        ['HeapTotUsage', list(float(200), float(101), float(512))],
        ['GcCount', decimal(3)],
        ['GcTime', decimal(45)],
        ['GcMemory', list(decimal(61_500), decimal(90), decimal(30), decimal(512), decimal(2))],
        ['TPS', float(12.5)],
        ['ElapsedTime', decimal(80)],
        ['ErrorRate', float(2.5)],
        ['ServiceCount', decimal(375)],
        ['ActiveSpeed', list(decimal(4), decimal(2), decimal(1))],
        ['ActiveService', decimal(6)],
        ['visit5m', decimal(33)],
        ['visit0', decimal(5)],
        ['serverStartTime', decimal(started)],
        ['appStatus', text('STARTED')],
        ['httpActiveThreadCountForServiceControl', decimal(9)],
        ['ajpActiveThreadCountForPeakControl', decimal(8)],
        ['DiagnosticsServerControl', decimal(1)],
        ['cgroupCpuQuota', decimal(200)],
        ['cgroupCpuUsage', decimal(150)],
        ['a.counter.of.a.later.version', list(decimal(1), decimal(2))],
      ]),
      own(3, [
        ['TPS', float(11.5)],
        ['ServiceCount', decimal(3_450)],
      ]),
      own(2, [['TPS', float(10.5)]]),
      part('http-nio-8180', [
        ['maxThreads', float(200)],
        ['currentThreadsBusy', float(17.25)],
        ['keptAlive', decimal(40)],
      ]),
      part('http-nio-8180', [['currentThreadsBusy', float(16)]], 3),
      part('ROOT/name="jdbc/a"', [
        ['ConnActive', float(2.5)],
        ['ConnIdle', float(7.5)],
        ['dbMaxActive', float(20)],
      ]),
      part('queue', [['depth', decimal(12)]]),
    ],
  );
  assert.deepEqual(sender.jvm, {
    source: 'lena',
    at: START + 2_000,
    heap: { usedBytes: 101.5 * MIB, committedBytes: 200 * MIB, maxBytes: 512 * MIB, afterGcBytes: 30 },
    gcPerMinute: 90,
    gcTimePercent: 2.25,
    gcInterval: { coveredMs: 2_000, count: 3, timeMs: 45 },
    fullGcs: 2,
    lastFullGc: { at: started + 61_500, beforeBytes: 90, afterBytes: 30, maxBytes: 512 },
    tps: 12.5,
    meanMs: 80,
    errorPercent: 2.5,
    active: { under3s: 4, under8s: 2, over8s: 1, total: 7 },
    connectors: [{ name: 'http-nio-8180', busy: 17.25, max: 200 }],
    dataSources: [{ name: 'jdbc/a', active: 2.5, idle: 7.5, max: 20 }],
    startedAt: started,
  });
  assert.equal(sender.appStatus, 'STARTED');
  assert.deepEqual(sender.counters, {
    ServiceCount: 375,
    ActiveService: 6,
    visit5m: 33,
    visit0: 5,
    httpActiveThreadCountForServiceControl: 9,
    ajpActiveThreadCountForPeakControl: 8,
    DiagnosticsServerControl: 1,
    cgroupCpuQuota: 200,
    cgroupCpuUsage: 150,
    'a.counter.of.a.later.version': [1, 2],
    'TPS.5m': 11.5,
    'ServiceCount.5m': 3_450,
    'TPS.type2': 10.5,
    'keptAlive of http-nio-8180': 40,
    'currentThreadsBusy.5m of http-nio-8180': 16,
    'depth of queue': 12,
  });
});

test('object packs of a later version show all they say; a part of an unknown kind its tags', () => {
  const object = (
    objName: string,
    objType: string,
    tags: readonly (readonly [string, LenaValue])[],
  ): LenaPack => ({
    pack: 'object',
    objType,
    objHash: objHashOf(objName),
    objName,
    user: 'svc',
    address: '10.1.2.3',
    version: '2.0.0',
    isAlive: false,
    wakeup: 12,
    tags: new Map(tags),
  });
  const sender = taken([
    object('/vm/tomcat1/', 'tomcat', [
      ['serverType', text('STANDARD_APPLICATION_SERVER')],
      ['zone', text('a')],
    ]),
    object('/vm/tomcat1//cache', 'cache', [['size', decimal(5)]]),
  ]);
  assert.deepEqual(sender.counters, {
    serverType: 'STANDARD_APPLICATION_SERVER',
    zone: 'a',
    user: 'svc',
    alive: false,
    wakeup: 12,
    'size of cache': 5,
    'user of cache': 'svc',
    'alive of cache': false,
    'wakeup of cache': 12,
  });
});

test('packs of a form nobody knows are counted by their type', () => {
  const receiver = new DatagramReceiver('udp');
  const [counters] = encodeLenaDatagrams([own(1, [['TPS', float(1)]])]);
  receiver.take(counters ?? new Uint8Array(), FROM, START);
  for (const packType of [20, 20, 25, 99])
    receiver.take(Buffer.concat([Buffer.from('JAVA'), Buffer.of(packType, 1, 2, 3)]), FROM, START);
  const sender = only(receiver, START);
  assert.deepEqual(sender.counters, {
    unreadPacks: 4,
    'unreadPacks.type20': 2,
    'unreadPacks.type25': 1,
    'unreadPacks.type99': 1,
  });
  assert.equal(receiver.counts(START)['unreadPacks'], 4);
});

test('an object whose hash is not that of its name is refused and changes nothing', () => {
  const receiver = new DatagramReceiver('udp');
  const forged: LenaPack = {
    pack: 'object',
    objType: 'tomcat',
    objHash: objHashOf('/vm/other/'),
    objName: '/vm/tomcat1/',
    user: '',
    address: '192.0.2.1',
    version: '9',
    isAlive: true,
    wakeup: 0,
    tags: new Map(),
  };
  for (const packs of [[own(1, [['TPS', float(1)]])], [forged]])
    for (const bytes of encodeLenaDatagrams(packs)) receiver.take(bytes, FROM, START);
  const sender = only(receiver, START);
  assert.deepEqual([sender.reportedAddress, sender.version], [undefined, undefined]);
  const rejectReasons = [{ reason: 'lena: object hash is not that of its name', count: 1 }];
  assert.deepEqual(sender.heartbeat.rejectReasons, rejectReasons);
});

test('an alert that names nobody who was heard is told of its address alone', () => {
  const receiver = new DatagramReceiver('udp');
  const alert = (objHash: number, title: string): LenaPack => ({
    pack: 'alert',
    time: 0,
    level: 2,
    objType: 'tomcat',
    objHash,
    title,
    message: 'm',
    tags: new Map(),
  });
  const packs = [
    own(1, [['TPS', float(1)]]),
    part('http-nio-8180', [['maxThreads', float(1)]]),
    alert(objHashOf('/vm/tomcat1/'), 'own'),
    alert(objHashOf('/vm/tomcat1//http-nio-8180'), 'part'),
    alert(7, 'forged'),
  ];
  for (const bytes of encodeLenaDatagrams(packs)) receiver.take(bytes, FROM, START);
  const events = receiver
    .takeChanges(START)
    .flatMap((change) => (change.type === 'put' && change.kind === 'event' ? [change.entity] : []));
  assert.deepEqual(
    events.map(({ type, target, targetName }) => [type, target?.id, targetName]),
    [
      ['own', 'vm/tomcat1@10.0.0.7', 'vm/tomcat1'],
      ['part', 'vm/tomcat1@10.0.0.7', 'vm/tomcat1'],
      ['forged', undefined, '10.0.0.7'],
    ],
  );
});

test('what is no number, or below zero, is not known', () => {
  const sender = taken([
    own(1, [
      ['HeapUsed', float(Number.NaN)],
      ['HeapTotUsage', { type: 'floats', value: [Number.POSITIVE_INFINITY, -2, Number.NaN] }],
      ['GcMemory', list(decimal(-1), decimal(-1), decimal(-1), decimal(-1), decimal(3))],
      ['ActiveSpeed', list(decimal(-2), decimal(0), decimal(0))],
      ['TPS', float(-2)],
      ['GcCount', decimal(-5)],
      ['GcTime', decimal(-5)],
    ]),
  ]);
  const { jvm } = sender;
  assert.deepEqual(
    [jvm?.heap, jvm?.active, jvm?.tps, jvm?.gcInterval, jvm?.lastFullGc, jvm?.fullGcs],
    [undefined, undefined, undefined, undefined, undefined, 3],
  );
});

test('a full collection of a server whose clock is a day off happened when it was heard', () => {
  for (const offMs of [-86_400_000, 86_400_000]) {
    const started = START - 60_000 + offMs;
    const at = (startMs: number, count: number) =>
      own(1, [
        ['serverStartTime', decimal(started)],
        ['GcMemory', list(decimal(startMs), decimal(9), decimal(4), decimal(10), decimal(count))],
      ]);
    const sender = taken([at(0, 0)], [at(61_000, 1)], [at(61_000, 1)]);
    assert.equal(sender.jvm?.lastFullGc?.at, START + 2_000);
  }
});
