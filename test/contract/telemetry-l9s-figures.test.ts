import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sender } from '../../src/domain/sender.ts';
import { DatagramReceiver } from '../../src/sources/telemetry/datagram-receiver.ts';
import { isFullCollector } from '../../src/sources/telemetry/full-collector.ts';
import type { L9sCollector, L9sDatagram, L9sJvm } from '../../src/wire/l9s/datagram.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';
import { l9sHead } from '../support/telemetry-datagrams.ts';
import { L9S_SAMPLES } from '../support/telemetry-samples.ts';

const START = 1_795_233_200_000;
const FROM = { address: '10.0.0.7', port: 40_000 };
const INTERVAL_MS = 2_000;

/** Plays datagrams two seconds apart, flushed each time; what was told after each. */
function told(datagrams: readonly L9sDatagram[]): readonly Sender[] {
  const receiver = new DatagramReceiver('udp');
  return datagrams.map((datagram, index) => {
    const now = START + index * INTERVAL_MS;
    receiver.take(encodeL9sDatagram(datagram), FROM, now);
    const [change] = receiver.takeChanges(now);
    assert.ok(change?.type === 'put' && change.kind === 'sender');
    return change.entity;
  });
}
/** The k-th datagram of a JVM that has run for an hour, by a clock that is right. */
const jvm = (index: number, groups: Partial<L9sJvm> = {}): L9sJvm => ({
  ...l9sHead({ seq: 10 + index, at: START + index * INTERVAL_MS, upMs: 3_600_000 + index * INTERVAL_MS }),
  ...groups,
  type: 'jvm',
});
const collectors = (...counts: readonly (readonly [string, number, number])[]): readonly L9sCollector[] =>
  counts.map(([name, count, timeMs]) => ({ name, count, timeMs }));

test('every group of a JVM has its field, and no field is among the counters too', () => {
  const [sample] = L9S_SAMPLES;
  assert.ok(sample !== undefined);
  const sender = told([sample])[0];
  const figures = sender?.jvm;
  assert.deepEqual(figures?.heap, { usedBytes: 1, committedBytes: 2, maxBytes: 3, afterGcBytes: 1 });
  assert.deepEqual(figures.nonHeap, { usedBytes: 4, committedBytes: 5, maxBytes: 6 });
  assert.deepEqual(figures.memoryPools, [
    { name: 'G1 Old Gen', usedBytes: 5, committedBytes: 6, maxBytes: 7 },
  ]);
  assert.deepEqual(figures.collectors, [
    { name: 'G1 Young Generation', count: 8, timeMs: 9 },
    { name: 'G1 Old Generation', count: 1, timeMs: 40 },
  ]);
  assert.deepEqual(figures.pauses, { count: 1, p50Ms: 40, p95Ms: 40, p99Ms: 40, maxMs: 40 });
  assert.deepEqual([figures.fullGcs, figures.classes, figures.sessions], [1, 12_000, 4]);
  assert.deepEqual(figures.fds, { open: 90, max: 1_024 });
  assert.deepEqual(figures.threads, { live: 10, peak: 11, daemon: 12, blocked: 0, stuck: 0 });
  assert.equal(figures.gcInterval, undefined);
  assert.deepEqual(sender?.counters, { 'tx.errors': 1 });
});

test('a web server tells its threads, workers and rates from counts, anew after a restart', () => {
  const web = (index: number, access: number, upMs = 60_000 + index * INTERVAL_MS): L9sDatagram => ({
    ...l9sHead({ seq: index, serverType: 'web', at: START + index * INTERVAL_MS, upMs }),
    type: 'web',
    threads: { active: 3, idle: 5, max: 8 },
    access,
    trafficBytes: access * 100,
    workers: [{ name: 'was1', state: 'OK', active: 1, idle: 2, max: 3, errors: 4 }],
  });
  const senders = told([web(0, 1_000), web(1, 1_050), web(2, 1_100), web(3, 20, 1_000), web(4, 60, 3_000)]);
  assert.deepEqual(senders[2]?.jvm?.web, {
    activeThreads: 3,
    idleThreads: 5,
    maxThreads: 8,
    requests: 1_100,
    trafficBytes: 110_000,
    requestsPerSecond: 25,
    bytesPerSecond: 2_500,
    workers: [{ name: 'was1', state: 'OK', active: 1, idle: 2, max: 3, errors: 4 }],
  });
  assert.deepEqual(senders[2]?.jvm?.connectors, [{ name: 'web', busy: 3, max: 8 }]);
  assert.deepEqual(
    senders.map((sender) => sender.jvm?.tps),
    [undefined, 25, 25, undefined, 20],
  );
  assert.deepEqual(senders[4]?.counters, {});
});

test('a session server tells its sessions, its mirror and what it lost', () => {
  const sample = L9S_SAMPLES.find(({ type }) => type === 'session');
  assert.ok(sample !== undefined);
  const sender = told([sample])[0];
  assert.deepEqual(sender?.jvm?.sessionStore, {
    sessions: 5,
    maxSessions: 2_000_000,
    expired: 1,
    mirrorAddress: '10.0.0.2:5180',
    isMirrorConnected: true,
    lost: { received: 0, requests: 1, responses: 2 },
  });
  assert.deepEqual([sender.jvm.sessions, sender.counters], [5, {}]);
});

test('a full collection is told with the heap before and after it', () => {
  const at = (index: number, full: number, heap: L9sJvm['heap']) =>
    jvm(index, {
      heap,
      gc: collectors(['G1 Young Generation', 5, 50], ['G1 Old Generation', full, full * 80]),
    });
  const senders = told([
    at(0, 1, { used: 900 }),
    at(1, 1, { used: 950 }),
    at(2, 2, { used: 300 }),
    at(3, 2, { used: 400 }),
    at(4, 3, { used: 500, afterGc: 280 }),
  ]);
  assert.deepEqual(
    [senders[1]?.jvm?.lastFullGc, senders[1]?.jvm?.heap?.afterGcBytes],
    [undefined, undefined],
  );
  const second = { at: START + 4_000, beforeBytes: 950, afterBytes: 300, cause: undefined };
  assert.deepEqual([senders[2]?.jvm?.lastFullGc, senders[2]?.jvm?.fullGcs], [second, 2]);
  assert.deepEqual([senders[3]?.jvm?.lastFullGc, senders[3]?.jvm?.heap?.afterGcBytes], [second, 300]);
  assert.deepEqual(senders[4]?.jvm?.lastFullGc, {
    at: START + 8_000,
    beforeBytes: 400,
    afterBytes: 280,
    cause: undefined,
  });
  assert.deepEqual(senders[2]?.jvm?.gcInterval, { coveredMs: 2_000, count: 1, timeMs: 80 });
  assert.deepEqual(senders[3]?.jvm?.gcInterval, { coveredMs: 2_000, count: 0, timeMs: 0 });
});

test('the pause of a full collection says when and why, unless its clock cannot be right', () => {
  const full = (index: number, count: number, pauseAt: number) =>
    jvm(index, {
      gc: collectors(['PS MarkSweep', count, count * 80]),
      pauses: [{ name: 'PS MarkSweep', cause: 'Ergonomics', at: pauseAt, pauseMs: 80 }],
    });
  const senders = told([
    jvm(0, { gc: collectors(['PS MarkSweep', 0, 0]) }),
    full(1, 1, START + 1_234),
    full(2, 2, START - 86_400_000),
    full(3, 3, START + 86_400_000),
  ]);
  assert.deepEqual(
    senders.map(({ jvm: figures }) => figures?.lastFullGc?.at),
    [undefined, START + 1_234, START + 4_000, START + 6_000],
  );
  assert.equal(senders[1]?.jvm?.lastFullGc?.cause, 'Ergonomics');
  assert.equal(senders[3]?.jvm?.pauses?.count, 3);
});

test('names of collectors that take the old generation, and of those that do not', () => {
  for (const name of [
    'G1 Old Generation',
    'PS MarkSweep',
    'MarkSweepCompact',
    'ConcurrentMarkSweep',
    'ZGC',
    'ZGC Cycles',
    'ZGC Major Cycles',
    'Shenandoah Cycles',
    'global',
    'global garbage collect',
  ])
    assert.equal(isFullCollector(name), true, name);
  for (const name of [
    'G1 Young Generation',
    'G1 Concurrent GC',
    'PS Scavenge',
    'ParNew',
    'Copy',
    'ZGC Pauses',
    'ZGC Minor Cycles',
    'ZGC Minor Pauses',
    'ZGC Major Pauses',
    'Shenandoah Pauses',
    'scavenge',
    'Epsilon Heap',
  ])
    assert.equal(isFullCollector(name), false, name);
});

test('of a concurrent collector the cycles are the collections and the pauses their time', () => {
  const at = (index: number, cycles: number, pauses: number) =>
    jvm(index, { gc: collectors(['ZGC Cycles', cycles, cycles * 900], ['ZGC Pauses', pauses, pauses]) });
  const last = told([at(0, 4, 12), at(1, 5, 15)])[1];
  assert.deepEqual(last?.jvm?.gcInterval, { coveredMs: 2_000, count: 1, timeMs: 3 });
  assert.equal(last.jvm.fullGcs, 5);
  const alone = told([0, 1].map((index) => jvm(index, { gc: collectors(['ZGC', index, index * 900]) })))[1];
  assert.deepEqual(alone?.jvm?.gcInterval, { coveredMs: 2_000, count: 1, timeMs: 900 });
});

test('counts that go backwards in a running JVM say nothing; the share of time stays between 0 and 100', () => {
  const counts = [100, 50, 60, 1_000_000, 3, 3];
  const senders = told(
    counts.map((count, index) =>
      jvm(index, { gc: collectors(['G1 Young Generation', count, count * 1_000]) }),
    ),
  );
  assert.deepEqual(
    senders.map(({ jvm: figures }) => figures?.gcInterval?.count),
    [undefined, undefined, 10, 999_940, undefined, 0],
  );
  for (const { jvm: figures } of senders) {
    const share = figures?.gcTimePercent;
    assert.ok(share === undefined || (share >= 0 && share <= 100), String(share));
  }
});

test('a sender that tells no time has no clock to be off', () => {
  const senders = told([0, 1].map((index) => ({ ...jvm(index, {}), at: 0 })));
  const last = senders[1];
  assert.deepEqual([last?.heartbeat.clockSkewMs, last?.restarts], [undefined, 0]);
  assert.equal(last?.jvm?.startedAt, START - 3_600_000);
});

test('a clock a day off, either way, changes no figure but the skew', () => {
  for (const offMs of [-86_400_000, 86_400_000]) {
    const senders = told(
      [0, 1, 2].map((index) => ({
        ...jvm(index, { gc: collectors(['G1 Old Generation', index, index * 40]) }),
        at: START + index * INTERVAL_MS + offMs,
      })),
    );
    const last = senders[2];
    assert.deepEqual([last?.heartbeat.clockSkewMs, last?.restarts], [offMs, 0]);
    assert.deepEqual([last?.jvm?.gcTimePercent, last?.jvm?.lastFullGc?.at], [2, START + 4_000]);
    assert.equal(last?.jvm?.startedAt, START - 3_600_000);
  }
});

test('a restart with the clock set back is one restart, not a server that is late for ever', () => {
  const before = [0, 1, 2].map((index) => jvm(index, { heap: { used: index } }));
  const after = [0, 1, 2, 3].map(
    (index): L9sDatagram => ({
      ...l9sHead({
        seq: index,
        at: START - 86_400_000 + index * INTERVAL_MS,
        upMs: 500 + index * INTERVAL_MS,
      }),
      type: 'jvm',
      heap: { used: 70 + index },
    }),
  );
  const last = told([...before, ...after]).at(-1);
  assert.deepEqual([last?.restarts, last?.jvm?.heap?.usedBytes], [1, 73]);
});

test('two datagrams within one flush lose no collection', () => {
  const receiver = new DatagramReceiver('udp');
  for (const index of [0, 1, 2]) {
    const gc = collectors(['G1 Young Generation', index * 3, index * 30]);
    receiver.take(encodeL9sDatagram(jvm(index, { gc })), FROM, START + index);
  }
  const [change] = receiver.takeChanges(START + 2);
  assert.ok(change?.type === 'put' && change.kind === 'sender');
  assert.deepEqual(change.entity.jvm?.gcInterval, { coveredMs: 4_000, count: 6, timeMs: 60 });
});

test('errors since the start become a percentage of the requests', () => {
  const at = (index: number, errors: number) => jvm(index, { tx: { perSec: 10, errors } });
  const senders = told([at(0, 5), at(1, 7), at(2, 7), at(3, 2)]);
  assert.deepEqual(
    senders.map(({ jvm: figures }) => figures?.errorPercent),
    [undefined, 10, 5, undefined],
  );
});
