import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Sender } from '../../src/domain/sender.ts';
import { type RecordingName, readRecording } from '../support/lena-recordings.ts';
import { TelemetryHarness } from '../support/telemetry-harness.ts';

/** A little after the last of the recordings' start times. */
const START = 1_795_233_200_000;
/** When these began, by the collections in them; what they tell of the clock is then as it was. */
const BEGAN: Partial<Record<RecordingName, number>> = { g1: 1_795_232_523_000, oom2: 1_795_233_125_000 };

/** Plays a recording in its own time over a real socket; `untilMs` leaves out what came after. */
async function play(
  t: TestContext,
  recording: RecordingName,
  { untilMs = Number.POSITIVE_INFINITY }: { readonly untilMs?: number } = {},
): Promise<TelemetryHarness> {
  const startAt = BEGAN[recording] ?? START;
  const harness = new TelemetryHarness(startAt);
  t.after(() => harness.stop());
  await harness.bound();
  const socket = await harness.socket();
  for (const { atMs, bytes } of readRecording(recording)) {
    if (atMs > untilMs) break;
    harness.clock.moveTo(startAt + atMs);
    await harness.send(socket, bytes);
  }
  harness.flush();
  return harness;
}
async function played(
  t: TestContext,
  recording: RecordingName,
  row: string,
  options: { readonly untilMs?: number } = {},
): Promise<Sender> {
  const harness = await play(t, recording, options);
  assert.deepEqual(
    [...harness.senders.values()].map(({ name }) => name),
    [row],
  );
  return harness.sender(row);
}
const MIB = 1_048_576;

test('g1: heap, rates, heap after GC, errors and active requests under load', async (t) => {
  const before = await played(t, 'g1', 'vm/tomcat1', { untilMs: 7_973 });
  // ActiveSpeed 01 01, 00, 00: one request younger than three seconds.
  assert.deepEqual(before.jvm?.active, { under3s: 1, under8s: 0, over8s: 0, total: 1 });
  assert.equal(before.jvm?.heap?.afterGcBytes, undefined);
  assert.equal(before.jvm?.lastFullGc, undefined);

  const after = await played(t, 'g1', 'vm/tomcat1', { untilMs: 9_983 });
  assert.deepEqual(after.jvm?.heap, {
    usedBytes: 30_101_648, // 41 e5 a8 48 = 28.7071685791 MiB
    committedBytes: 44 * MIB,
    maxBytes: 256 * MIB,
    afterGcBytes: 12_108_960,
  });
  // GcMemory 2d65 (11 621 ms after the start at 1 795 232 520 846), a05600, b8c4a0, 10000000, 1.
  assert.deepEqual(after.jvm?.lastFullGc, {
    at: 1_795_232_532_467,
    beforeBytes: 10_507_776,
    afterBytes: 12_108_960,
    maxBytes: 256 * MIB,
  });
  // 5 + 3 collections and 27 + 45 ms in the 9 983 ms since the first sample.
  assert.equal(after.jvm?.gcPerMinute, (8 * 60_000) / 9_983);
  assert.equal(after.jvm?.gcTimePercent, (72 * 100) / 9_983);
  assert.equal(after.jvm?.tps, Math.fround(11 / 30));
  assert.equal(after.jvm?.meanMs, 108);
  assert.equal(after.jvm?.errorPercent, Math.fround(100 / 11));
  assert.deepEqual(after.jvm?.active, { under3s: 0, under8s: 0, over8s: 0, total: 0 });
  assert.deepEqual(after.jvm?.connectors, [{ name: 'http-nio-127001-18180', busy: 0.25, max: 200 }]);
  assert.equal(after.jvm?.startedAt, 1_795_232_520_846);
  assert.equal(after.restarts, 0);

  const end = await played(t, 'g1', 'vm/tomcat1');
  assert.equal(end.jvm?.gcPerMinute, (8 * 60_000) / 31_979);
  assert.equal(end.jvm?.heap?.usedBytes, Math.round(29.8321533203125 * MIB));
  assert.deepEqual(
    [end.counters['ServiceCount'], end.counters['visit5m'], end.counters['ServiceCount.5m']],
    [11, 1, 11],
  );
  assert.equal(end.counters['TPS.5m'], Math.fround(11 / 300));
});

test('startup: who it is, and a connector that cannot be read yet', async (t) => {
  const sender = await played(t, 'startup', 'vm/tomcat1');
  assert.equal(sender.codec, 'lena');
  assert.equal(sender.hostName, 'vm');
  assert.equal(sender.serverName, 'tomcat1');
  assert.equal(sender.serverType, 'was');
  assert.equal(sender.version, '1.3.2.1');
  assert.equal(sender.reportedAddress, '127.0.0.1');
  assert.equal(sender.sourceAddress, '127.0.0.1');
  assert.equal(sender.appStatus, 'STARTING_PREP');
  assert.equal(sender.counters['serverType'], 'STANDARD_APPLICATION_SERVER');
  assert.deepEqual(sender.jvm?.connectors, [{ name: 'http-nio-127001-18180', busy: undefined, max: 200 }]);
  assert.deepEqual(sender.heartbeat, {
    at: START + 11_970,
    perMinute: 11,
    lost: undefined,
    rejected: 0,
    rejectReasons: undefined,
    intervalMs: 2_000,
    clockSkewMs: undefined,
  });
});

test('term: the end is seen when it is sent', async (t) => {
  const before = await played(t, 'term', 'vm/tomcat1', { untilMs: 4_003 });
  assert.deepEqual([before.appStatus, before.byeAt], ['STARTED', undefined]);
  const sender = await played(t, 'term', 'vm/tomcat1');
  assert.deepEqual([sender.appStatus, sender.byeAt], ['STOPPED', START + 5_994]);
});

test('ds: two pools and three connectors', async (t) => {
  const sender = await played(t, 'ds', 'vm/tomcat1');
  assert.deepEqual(sender.jvm?.dataSources, [
    { name: 'jdbc/dbcp', active: 0, idle: 3, max: 7 },
    { name: 'jdbc/tjdbc', active: 0, idle: 2, max: 9 },
  ]);
  assert.deepEqual(sender.jvm?.connectors, [
    { name: 'ajp-nio-127001-18109', busy: 0, max: 44 },
    { name: 'http-nio-127001-18180', busy: Math.fround(0.2), max: 200 },
    { name: 'http-nio-127001-18181', busy: 0, max: 33 },
  ]);
  assert.equal(sender.jvm?.active?.total, 1);
  // 2 + 6 collections, 54 + 41 ms, in the 11 898 ms since the first sample at 65.
  assert.equal(sender.jvm?.gcPerMinute, (8 * 60_000) / 11_898);
  assert.equal(sender.jvm?.gcTimePercent, (95 * 100) / 11_898);
});

test('tx: pools in use; transactions and profiles are counted, dictionaries are not kept', async (t) => {
  const harness = await play(t, 'tx', { untilMs: 6_700 });
  const sender = harness.sender('vm/was01');
  assert.deepEqual(sender.jvm?.dataSources, [
    { name: 'jdbc/dbcp', active: Math.fround(1 / 3), idle: Math.fround(8 / 3), max: 7 },
    { name: 'jdbc/tjdbc', active: 0, idle: 2, max: 9 },
  ]);
  assert.equal(sender.counters['unreadPacks'], 4);
  assert.equal(sender.counters['user'], 'svcuser');
  assert.equal(JSON.stringify([...harness.senders.values()]).includes('getConnection'), false);
  const counts = await harness.counts();
  assert.deepEqual([counts['unreadPacks'], counts['rejected']], [4, 0]);
});

test('alerts: an alert becomes one event of its server', async (t) => {
  const harness = await play(t, 'alerts');
  assert.deepEqual(
    [...harness.events.values()].map(({ ref, ...event }) => event),
    [
      {
        at: START + 17_923,
        level: 'error',
        type: 'ERROR',
        message: 'org.apache.jasper.JasperException (/oom.jsp)',
        count: 1,
        target: { kind: 'sender', context: 'udp', id: 'vm/was01@127.0.0.1' },
        targetName: 'vm/was01',
      },
    ],
  );
  assert.equal(harness.sender('vm/was01').jvm?.errorPercent, 25);
});

test('oom2: each collection of the old generation is the last full GC, also while its count lags', async (t) => {
  const started = 1_795_233_123_481;
  const first = await played(t, 'oom2', 'vm/was01', { untilMs: 6_006 });
  assert.deepEqual(first.jvm?.lastFullGc, {
    at: started + 6_895,
    beforeBytes: 47_816_528,
    afterBytes: 47_238_384,
    maxBytes: 48 * MIB,
  });
  const second = await played(t, 'oom2', 'vm/was01', { untilMs: 7_991 });
  assert.deepEqual(second.jvm?.lastFullGc, {
    at: started + 8_526,
    beforeBytes: 48_286_960,
    afterBytes: 9_518_552,
    maxBytes: 48 * MIB,
  });
  const end = await played(t, 'oom2', 'vm/was01');
  assert.equal(end.jvm?.heap?.afterGcBytes, 9_701_912);
  assert.equal(end.jvm?.gcPerMinute, (17 * 60_000) / 9_989);
  assert.equal(end.jvm?.gcTimePercent, (93 * 100) / 9_989);
  assert.equal(end.jvm?.errorPercent, 50);
});

test('frag: a pack in chunks is put together, one that misses a chunk is given up', async (t) => {
  const harness = await play(t, 'frag');
  harness.sender('vm/was01');
  const counts = await harness.counts();
  assert.deepEqual([counts['fragments'], counts['rejected']], [4, 0]);
  // Three dictionary texts travel plainly, the fourth in two chunks.
  assert.deepEqual([counts['dictionaryPacks'], counts['unreadPacks']], [4, 4]);
});

test('big: sixty-one connectors', async (t) => {
  const sender = await played(t, 'big', 'vm/tomcat1');
  assert.equal(sender.jvm?.connectors?.length, 61);
  assert.deepEqual(
    sender.jvm?.connectors?.find(({ name }) => name.endsWith('19009')),
    {
      name: 'http-nio-127001-19009',
      busy: undefined,
      max: 19,
    },
  );
});

test('played as fast as they can be sent, every recording still gives the same figures', async (t) => {
  const harness = new TelemetryHarness(START);
  t.after(() => harness.stop());
  await harness.bound();
  for (const name of ['startup', 'ds', 'g1'] as const) {
    const socket = await harness.socket();
    for (const { bytes } of readRecording(name)) await harness.send(socket, bytes);
  }
  harness.flush();
  const sender = harness.sender('vm/tomcat1');
  assert.equal(sender.restarts, 2);
  assert.equal(sender.jvm?.heap?.usedBytes, Math.round(29.8321533203125 * MIB));
  // Ten cycles of two seconds are told apart; identical ones among the fifteen are taken for repeats.
  assert.ok((sender.jvm?.gcPerMinute ?? Number.NaN) < 60);
});
