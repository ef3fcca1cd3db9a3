import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LENA_COUNTERS } from '../../src/diagnosis/lena-counters.ts';
import { cellText } from '../../src/views/any-view.ts';
import { jvmView } from '../../src/views/jvm.view.ts';
import { serversView } from '../../src/views/servers.view.ts';
import { decodeDatagram } from '../../src/wire/datagram.ts';
import { encodeLenaDatagrams } from '../../src/wire/lena/encode.ts';
import type { LenaPack, LenaValue } from '../../src/wire/lena/pack.ts';
import { heardServers, pageLines } from '../support/heard-servers.ts';
import { RECORDINGS, readRecording } from '../support/lena-recordings.ts';
import { TelemetryHarness } from '../support/telemetry-harness.ts';

const START = 1_795_233_200_000;
const MIB = 1_048_576;
const decimal = (value: number): LenaValue => ({ type: 'decimal', value });
const float = (value: number): LenaValue => ({ type: 'float', value });
const list = (...value: readonly LenaValue[]): LenaValue => ({ type: 'list', value });

/** How one counter of the document has to come out. */
interface Expected {
  readonly sent: LenaValue;
  /** Sent as a five-minute counter too. */
  readonly over5Minutes?: LenaValue;
  /** The part it is sent for, where it is not the server's own. */
  readonly of?: string;
  /** Column of `:jvm` or `:servers` and its cell, where it has one. */
  readonly cell?: readonly [string, RegExp];
  /** Its line on the page, with its unit. */
  readonly line: RegExp;
  /** Where in JSON, and what there; the unit is in the name of the field, or beside the value. */
  readonly json: readonly [string, unknown];
}

const STARTED = START - 600_000;
const CONNECTOR = 'http-nio-8180';
const POOL = 'ROOT/name="jdbc/shop"';

/** LENA-WIRE.md, Counters, line by line. */
const TABLE: Readonly<Record<string, Expected>> = {
  HeapUsed: {
    sent: float(300.5),
    cell: ['heap', /59%$/],
    line: /^300\.5 MiB/,
    json: ['jvm.heap.usedBytes', 300.5 * MIB],
  },
  HeapTotUsage: {
    sent: list(float(400), float(300.5), float(512)),
    cell: ['max', /^512 MiB$/],
    line: /^committed 400 MiB, used 300\.5 MiB, max 512 MiB/,
    json: [
      'jvm.heap',
      { usedBytes: 300.5 * MIB, committedBytes: 400 * MIB, maxBytes: 512 * MIB, afterGcBytes: 200 * MIB },
    ],
  },
  GcCount: {
    sent: decimal(3),
    cell: ['gcmin', /^90$/],
    line: /^3 collections/,
    json: ['jvm.gcInterval.count', 3],
  },
  GcTime: {
    sent: decimal(40),
    cell: ['gc', /^2\.0$/],
    line: /^40 ms/,
    json: ['jvm.gcInterval.timeMs', 40],
  },
  GcMemory: {
    sent: list(decimal(540_000), decimal(450 * MIB), decimal(200 * MIB), decimal(511 * MIB), decimal(7)),
    cell: ['fullgc', /^1m$/],
    line: /^started 540 000 ms, before 450 MiB, after 200 MiB, max 511 MiB, count 7 collections/,
    json: [
      'jvm.lastFullGc',
      {
        at: new Date(STARTED + 540_000).toISOString(),
        beforeBytes: 450 * MIB,
        afterBytes: 200 * MIB,
        maxBytes: 511 * MIB,
      },
    ],
  },
  TPS: {
    sent: float(12.5),
    over5Minutes: float(9.25),
    cell: ['tps', /^12\.5$/],
    line: /^12\.5 requests\/s · 5 min 9\.25 requests\/s/,
    json: ['counters.TPS\\.5m', { value: 9.25, unit: 'requests/s' }],
  },
  ElapsedTime: {
    sent: decimal(85),
    over5Minutes: decimal(70),
    cell: ['meanms', /^85$/],
    line: /^85 ms · 5 min 70 ms/,
    json: ['counters.ElapsedTime\\.5m', { value: 70, unit: 'ms' }],
  },
  ErrorRate: {
    sent: float(2.5),
    over5Minutes: float(1.5),
    cell: ['err', /^2\.5$/],
    line: /^2\.5 % · 5 min 1\.5 %/,
    json: ['counters.ErrorRate\\.5m', { value: 1.5, unit: '%' }],
  },
  ServiceCount: {
    sent: decimal(750),
    over5Minutes: decimal(2_775),
    line: /^750 requests · 5 min 2 775 requests — in the last 60 s/,
    json: ['counters.ServiceCount', { value: 750, unit: 'requests' }],
  },
  ActiveSpeed: {
    sent: list(decimal(4), decimal(2), decimal(1)),
    cell: ['active', /^4\/2\/1$/],
    line: /^<3s 4 requests, 3-8s 2 requests, >8s 1 requests/,
    json: ['jvm.active', { under3s: 4, under8s: 2, over8s: 1, total: 7 }],
  },
  ActiveService: {
    sent: decimal(6),
    over5Minutes: decimal(5),
    line: /^6 requests · 5 min 5 requests/,
    json: ['counters.ActiveService', { value: 6, unit: 'requests' }],
  },
  visit5m: {
    sent: decimal(31),
    over5Minutes: decimal(32),
    line: /^31 visitors · 5 min 32 visitors/,
    json: ['counters.visit5m', { value: 31, unit: 'visitors' }],
  },
  visit0: {
    sent: decimal(13),
    over5Minutes: decimal(14),
    line: /^13 visitors · 5 min 14 visitors/,
    json: ['counters.visit0', { value: 13, unit: 'visitors' }],
  },
  serverStartTime: {
    sent: decimal(STARTED),
    cell: ['age', /^10m$/],
    line: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \(10m\)/,
    json: ['jvm.startedAt', new Date(STARTED).toISOString()],
  },
  appStatus: {
    sent: { type: 'text', value: 'STARTED' },
    cell: ['state', /^ready$/],
    line: /^STARTED/,
    json: ['heartbeat.appStatus', 'STARTED'],
  },
  maxThreads: {
    sent: decimal(210),
    of: CONNECTOR,
    cell: ['busy', /\/210$/],
    line: /http-nio-8180 210 threads/,
    json: ['jvm.connectors', [{ name: CONNECTOR, busy: 17.5, max: 210 }]],
  },
  currentThreadsBusy: {
    sent: float(17.5),
    of: CONNECTOR,
    cell: ['busy', /^18\//],
    line: /http-nio-8180 17\.5 threads/,
    json: ['jvm.connectors', [{ name: CONNECTOR, busy: 17.5, max: 210 }]],
  },
  ConnActive: {
    sent: float(11),
    of: POOL,
    cell: ['pools', /^11\//],
    line: /jdbc\/shop 11 connections/,
    json: ['jvm.dataSources', [{ name: 'jdbc/shop', active: 11, idle: 8, max: 23 }]],
  },
  ConnIdle: {
    sent: float(8),
    of: POOL,
    line: /jdbc\/shop 8 connections/,
    json: ['jvm.dataSources', [{ name: 'jdbc/shop', active: 11, idle: 8, max: 23 }]],
  },
  dbMaxActive: {
    sent: decimal(23),
    of: POOL,
    cell: ['pools', /\/23$/],
    line: /jdbc\/shop 23 connections/,
    json: ['jvm.dataSources', [{ name: 'jdbc/shop', active: 11, idle: 8, max: 23 }]],
  },
  ajpActiveThreadCountForServiceControl: {
    sent: decimal(41),
    line: /^41 threads/,
    json: ['counters.ajpActiveThreadCountForServiceControl', { value: 41, unit: 'threads' }],
  },
  ajpActiveThreadCountForPeakControl: {
    sent: decimal(42),
    line: /^42 threads/,
    json: ['counters.ajpActiveThreadCountForPeakControl', { value: 42, unit: 'threads' }],
  },
  httpActiveThreadCountForServiceControl: {
    sent: decimal(43),
    line: /^43 threads/,
    json: ['counters.httpActiveThreadCountForServiceControl', { value: 43, unit: 'threads' }],
  },
  httpActiveThreadCountForPeakControl: {
    sent: decimal(44),
    line: /^44 threads/,
    json: ['counters.httpActiveThreadCountForPeakControl', { value: 44, unit: 'threads' }],
  },
  // Shown as they come: nobody says in what unit.
  DiagnosticsServerControl: {
    sent: decimal(45),
    line: /^45 — unit not documented/,
    json: ['counters.DiagnosticsServerControl', { value: 45 }],
  },
  cgroupCpuQuota: {
    sent: decimal(46),
    line: /^46 — .*unit not documented/,
    json: ['counters.cgroupCpuQuota', { value: 46 }],
  },
  cgroupCpuUsage: {
    sent: decimal(47),
    line: /^47 — .*unit not documented/,
    json: ['counters.cgroupCpuUsage', { value: 47 }],
  },
};

function packsOf(objName: string, isFirst: boolean): readonly LenaPack[] {
  const pack = (name: string, timeType: number, counters: ReadonlyMap<string, LenaValue>): LenaPack => ({
    pack: 'counters',
    time: 0,
    objName: name,
    timeType,
    counters: new Map(counters),
  });
  const own = new Map<string, LenaValue>();
  const long = new Map<string, LenaValue>();
  const parts = new Map<string, Map<string, LenaValue>>();
  for (const [name, { sent, over5Minutes, of }] of Object.entries(TABLE)) {
    // A collection is told from the sample before, which has none.
    if (isFirst && name.startsWith('Gc')) continue;
    if (of === undefined) own.set(name, sent);
    else parts.set(of, (parts.get(of) ?? new Map<string, LenaValue>()).set(name, sent));
    if (over5Minutes !== undefined) long.set(name, over5Minutes);
  }
  return [
    pack(objName, 1, own),
    pack(objName, 3, long),
    ...[...parts].map(([part, counters]) => pack(`${objName}/${part}`, 1, counters)),
  ];
}

async function listening(t: TestContext) {
  const harness = new TelemetryHarness(START);
  t.after(() => harness.stop());
  await harness.bound();
  return { harness, socket: await harness.socket() };
}

/** The member at a path of names; `\.` is a dot inside of one. */
function at(json: unknown, path: string): unknown {
  const names = path.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'));
  let value = json;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Object.entries(value).find(([key]) => key === name)?.[1];
  }
  return value;
}

test('the catalogue of counters is the document’s table', () => {
  assert.deepEqual(new Set(Object.keys(LENA_COUNTERS)), new Set(Object.keys(TABLE)));
});

test('every counter of the document reaches its row, its page and JSON, with its unit', async (t) => {
  const { harness, socket } = await listening(t);
  for (const isFirst of [true, false]) {
    for (const bytes of encodeLenaDatagrams(packsOf('/vm/tomcat1/', isFirst)))
      await harness.send(socket, bytes);
    harness.clock.advance(2_000);
  }
  harness.flush();
  const { servers, context } = heardServers(harness);
  const [server] = servers;
  assert.ok(server !== undefined && servers.length === 1);
  const page = pageLines(serversView.detail?.(server, context) ?? []);
  const json: unknown = JSON.parse(JSON.stringify(jvmView.json(server, context)));
  for (const [
    name,
    {
      cell,
      line,
      json: [path, expected],
    },
  ] of Object.entries(TABLE)) {
    assert.match(page.get(name) ?? '', line, `${name} on the page`);
    assert.deepEqual(at(json, path), expected, `${name} in JSON`);
    if (cell === undefined) continue;
    const [id, shown] = cell;
    const column = [...jvmView.columns, ...serversView.columns].find((one) => one.id === id);
    assert.ok(column, id);
    assert.match(cellText(column, server, context), shown, `${name} in column ${id}`);
  }
  const korean = pageLines(serversView.detail?.(server, { ...context, language: 'ko' }) ?? []);
  assert.match(korean.get('ServiceCount') ?? '', /^750 requests · 5분 2 775 requests — 최근 60초$/);
});

test('a counter nobody documents is shown as it came, without a unit', async (t) => {
  const { harness, socket } = await listening(t);
  const counters = new Map<string, LenaValue>([
    ['HeapUsed', float(1)],
    ['NewInVersion9', list(decimal(1), decimal(2))],
  ]);
  for (const bytes of encodeLenaDatagrams([
    { pack: 'counters', time: 0, objName: '/vm/tomcat1/', timeType: 1, counters },
  ]))
    await harness.send(socket, bytes);
  harness.flush();
  const { servers, context } = heardServers(harness);
  const [server] = servers;
  assert.ok(server);
  assert.equal(pageLines(serversView.detail?.(server, context) ?? []).get('NewInVersion9'), '1 2');
  assert.deepEqual(at(serversView.json(server, context), 'counters.NewInVersion9'), { value: [1, 2] });
});

/** A figure that cannot be shown: not known yet (−2), or a collection that has not been. */
const isKnown = (name: string, value: LenaValue): boolean => {
  if (value.type === 'list')
    return name !== 'GcMemory' || value.value.some((item) => 'value' in item && item.value !== 0);
  return !('value' in value) || typeof value.value !== 'number' || value.value >= 0;
};

for (const recording of RECORDINGS) {
  test(`${recording}: every counter of the recording is on the page of its server`, async (t) => {
    const { harness, socket } = await listening(t);
    const names = new Map<string, Set<string>>();
    for (const { atMs, bytes } of readRecording(recording)) {
      harness.clock.moveTo(START + atMs);
      await harness.send(socket, bytes);
      const decoded = decodeDatagram(bytes);
      if (decoded.codec !== 'lena' || decoded.content.kind !== 'packs') continue;
      for (const pack of decoded.content.packs) {
        if (pack.pack !== 'counters') continue;
        const [host = ''] = pack.objName.split('//');
        const own = names.get(host) ?? new Set<string>();
        names.set(host, own);
        for (const [name, value] of pack.counters)
          if (isKnown(name, value)) own.add(pack.timeType === 3 ? `5 min of ${name}` : name);
      }
    }
    harness.flush();
    const { servers, context } = heardServers(harness);
    assert.equal(servers.length, 1);
    const [server] = servers;
    assert.ok(server);
    const page = pageLines(serversView.detail?.(server, context) ?? []);
    const expected = [...names.values()].flatMap((own) => [...own]);
    assert.ok(expected.length > 20, `${expected.length} counters in the recording`);
    for (const name of expected) {
      const counter = name.replace('5 min of ', '');
      const line = page.get(counter) ?? '';
      const unit = LENA_COUNTERS[counter]?.unit ?? '';
      assert.notEqual(line, '', name);
      if (name !== counter) assert.match(line, /5 min /, name);
      if (!['', 'epoch ms', 'bytes'].includes(unit)) assert.ok(line.includes(` ${unit}`), `${name}: ${line}`);
    }
  });
}
