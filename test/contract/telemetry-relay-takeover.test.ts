import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sender } from '../../src/domain/sender.ts';
import { CarryOver } from '../../src/sources/telemetry/relay/carry-over.ts';
import { peekRelays } from '../../src/sources/telemetry/relay/find-relay.ts';
import {
  freePort,
  l9sDatagram,
  type Neighbour,
  openSender,
  plainSender,
  privateDirectory,
  startNeighbour,
} from '../support/relay-stage.ts';

const START = Date.now();

/** One JVM that goes on sending, with what a receiver must not count twice or forget. */
async function sendJvm(context: TestContext, port: number, everyMs = 50) {
  const send = await openSender(context, port);
  let seq = 0;
  let startedAt = START - 600_000;
  let timeMs = 0;
  const next = (skipped = 0) => {
    seq += 1 + skipped;
    timeMs += 5;
    const at = Date.now();
    const gc = [{ name: 'G1 Young Generation', count: seq, timeMs }];
    send(l9sDatagram({ id: 'host1/was1', at, seq, upMs: at - startedAt, gc, heap: { used: 1, max: 10 } }));
  };
  const timer = setInterval(next, everyMs);
  context.after(() => clearInterval(timer));
  return {
    next,
    restart() {
      startedAt = Date.now() - 1_000;
      seq = 0;
    },
  };
}
const was = ({ sink }: Neighbour) => sink.sender('host1/was1');
const lostOf = (neighbour: Neighbour) => was(neighbour).heartbeat.lost ?? 0;

test('restarts, losses and the share of time in GC go on when the port changes hands', async (context) => {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const port = await freePort();
  const first = startNeighbour(context, port, { relay: { serveIn } });
  await first.sink.untilState('live');
  const jvm = await sendJvm(context, port);
  await first.sink.until(() => first.sink.names().length === 1, 'the JVM');
  jvm.next(7);
  jvm.restart();
  await first.sink.until(() => was(first).restarts === 1 && lostOf(first) >= 7, 'a restart and losses');
  await first.sink.until(() => (was(first).jvm?.gcTimePercent ?? 0) > 0, 'a share of time');
  const second = startNeighbour(context, port, { relay: { serveIn } });
  await second.sink.untilState('live');
  assert.equal(was(second).restarts, 1);
  const shareBefore = was(second).jvm?.gcTimePercent ?? 0;
  const lostBefore = lostOf(second);
  const seen: Sender[] = [];
  await first.stop();
  await second.sink.until(() => second.isOwner(), 'the take-over', 4_000);
  const tookOverAt = Date.now();
  await second.sink.until(() => {
    seen.push(was(second));
    return was(second).heartbeat.at > tookOverAt + 500;
  }, 'figures of its own');
  for (const { restarts, heartbeat, jvm: sample } of seen) {
    assert.equal(restarts, 1);
    assert.ok((heartbeat.lost ?? 0) >= lostBefore);
    // Half a second into its minute the new share weighs little.
    assert.ok(Math.abs((sample?.gcTimePercent ?? 0) - shareBefore) < shareBefore / 4);
  }
  // And on to a third one.
  const third = startNeighbour(context, port, { relay: { serveIn } });
  await third.sink.untilState('live');
  await second.stop();
  await third.sink.until(() => third.isOwner(), 'the next take-over', 4_000);
  const againAt = Date.now();
  await third.sink.until(() => was(third).heartbeat.at > againAt, 'a datagram');
  assert.equal(was(third).restarts, 1);
  jvm.restart();
  await third.sink.until(() => was(third).restarts === 2, 'a restart heard by the third');
});

test('of three that read along one takes over and the others follow it', async (context) => {
  const serveIn = { path: privateDirectory(context), kind: 'own' } as const;
  const port = await freePort();
  const owner = startNeighbour(context, port, { relay: { serveIn } });
  await owner.sink.untilState('live');
  await sendJvm(context, port);
  const others = [1, 2, 3].map(() => startNeighbour(context, port, { relay: { serveIn } }));
  await Promise.all(others.map(({ sink }) => sink.until(() => sink.names().length === 1, 'the JVM')));
  await owner.stop();
  const leftAt = Date.now();
  await Promise.all(
    others.map((other) => other.sink.until(() => was(other).heartbeat.at > leftAt + 400, 'news', 4_000)),
  );
  assert.equal(others.filter((other) => other.isOwner()).length, 1);
  for (const { sink } of others) {
    assert.ok(sink.statuses.every(({ state }) => state === 'connecting' || state === 'live'));
    assert.equal(sink.statuses.filter(({ state }) => state === 'connecting').length, 1);
  }
});

/** A console’s directory and a collector’s, below a directory nobody else writes to. */
function twoDirectories(context: TestContext) {
  const base = privateDirectory(context);
  const shared = { path: `${base}/run`, kind: 'shared' } as const;
  const own = { path: `${base}/own`, kind: 'own' } as const;
  const other = { path: `${base}/other`, kind: 'own' } as const;
  return { shared, own, other };
}

test('a console of any user leaves the port to a collector that comes, and reads along', async (context) => {
  const { shared, own, other } = twoDirectories(context);
  const port = await freePort();
  const mine = startNeighbour(context, port, { relay: { serveIn: own, lookIn: [shared, own] } });
  await mine.sink.untilState('live');
  const jvm = await sendJvm(context, port);
  await mine.sink.until(() => mine.sink.names().length === 1, 'the JVM');
  jvm.restart();
  await mine.sink.until(() => was(mine).restarts === 1, 'a restart');
  // The collector cannot enter the console's directory: it knows only its own.
  const collector = startNeighbour(context, port, {
    relay: { role: 'collector', serveIn: shared, lookIn: [shared] },
  });
  await collector.sink.untilState('live');
  await collector.sink.until(() => collector.sink.names().length === 1, 'the JVM at the collector');
  const calledAt = Date.now();
  await mine.sink.until(() => was(mine).heartbeat.at > calledAt, 'news at the console');
  assert.deepEqual([collector.isOwner(), mine.isOwner()], [true, false]);
  assert.match(mine.sink.lastFacts.target ?? '', /\(collector\)$/);
  // The collector never knew of that restart; the console goes on showing it.
  assert.deepEqual([was(collector).restarts, was(mine).restarts], [0, 1]);
  // A user with another directory reads along with the same collector.
  const theirs = startNeighbour(context, port, { relay: { serveIn: other, lookIn: [shared, other] } });
  await theirs.sink.untilState('live');
  assert.equal(theirs.sink.names().length, 1);
  assert.ok(mine.sink.statuses.every(({ state }) => state === 'connecting' || state === 'live'));
});

test('a collector that is started again gets the port back', async (context) => {
  const { shared, own } = twoDirectories(context);
  const port = await freePort();
  const options = { relay: { role: 'collector', serveIn: shared, lookIn: [shared] } } as const;
  const before = startNeighbour(context, port, options);
  await before.sink.untilState('live');
  const console_ = startNeighbour(context, port, { relay: { serveIn: own, lookIn: [shared, own] } });
  await console_.sink.untilState('live');
  await sendJvm(context, port);
  await before.stop();
  await pause(300);
  const after = startNeighbour(context, port, options);
  await after.sink.untilState('live');
  await console_.sink.until(() => console_.sink.names().length === 1, 'the JVM');
  const startedAt = Date.now();
  await console_.sink.until(() => was(console_).heartbeat.at > startedAt, 'news');
  assert.deepEqual([after.isOwner(), console_.isOwner()], [true, false]);
});

test('a collector of the same user takes the console’s place in its own directory', async (context) => {
  const { own } = twoDirectories(context);
  const port = await freePort();
  const mine = startNeighbour(context, port, { relay: { serveIn: own } });
  await mine.sink.untilState('live');
  await sendJvm(context, port);
  const collector = startNeighbour(context, port, { relay: { role: 'collector', serveIn: own } });
  await collector.sink.untilState('live');
  await mine.sink.until(() => mine.sink.lastFacts.target?.endsWith('(collector)') === true, 'the collector');
  assert.deepEqual([collector.isOwner(), mine.isOwner()], [true, false]);
});

test('a console does not leave the port to a collector that waits for another address', async (context) => {
  const { shared, own } = twoDirectories(context);
  const port = await freePort();
  const mine = startNeighbour(context, port, { relay: { serveIn: own, lookIn: [shared, own] } });
  await mine.sink.untilState('live');
  // Another program has that address: the collector waits in vain.
  const other = createSocket('udp4').bind(port, '127.0.0.2');
  context.after(() => other.close());
  await once(other, 'listening');
  startNeighbour(context, port, {
    listen: { host: '127.0.0.2', port },
    relay: { role: 'collector', serveIn: shared, lookIn: [shared] },
  });
  const signal = AbortSignal.timeout(8_000);
  const waiting = () => peekRelays({ lookIn: [shared], uid: process.getuid?.(), port, signal });
  while ((await waiting()).length === 0) await pause(50);
  await pause(1_500);
  assert.equal(mine.isOwner(), true);
});

test('a second collector is told whose the port is', async (context) => {
  const { shared, other } = twoDirectories(context);
  const port = await freePort();
  const first = startNeighbour(context, port, {
    relay: { role: 'collector', serveIn: shared, lookIn: [shared], pid: 4_711 },
  });
  await first.sink.untilState('live');
  const second = startNeighbour(context, port, {
    relay: { role: 'collector', serveIn: other, lookIn: [other, shared] },
  });
  await second.sink.untilState('failed');
  const status = second.sink.lastStatus;
  assert.ok(status?.state === 'failed' && status.error.code === 'PORT_TAKEN');
  assert.match(status.error.message, /belongs to the collector with pid 4711/);
  assert.equal(first.isOwner(), true);
});

function jvmOf(more: Partial<Sender> = {}, jvm: Partial<Sender['jvm']> = {}): Sender {
  return plainSender('a', {
    codec: 'lena',
    heartbeat: { at: 0, perMinute: 30, rejected: 0, intervalMs: 2_000 },
    jvm: { source: 'lena', at: 0, startedAt: 1_000, ...jvm },
    ...more,
  });
}

test('what the receiver before knew of a JVM fills in until the new one knows it', () => {
  const before = jvmOf(
    {
      serviceCluster: 'shop',
      counters: { 'Sessions.5m': 7 },
      heartbeat: { at: 0, perMinute: 30, rejected: 1, intervalMs: 2_000 },
    },
    { heap: { usedBytes: 5, afterGcBytes: 3 }, lastFullGc: { at: 500 }, gcTimePercent: 10 },
  );
  const carry = new CarryOver(new Map([['a', before]]), 0);
  const now = jvmOf({}, { heap: { usedBytes: 6 }, gcTimePercent: 0 });
  const soon = carry.apply(now, 15_000);
  assert.equal(soon.serviceCluster, 'shop');
  assert.equal(soon.counters['Sessions.5m'], 7);
  assert.deepEqual(soon.jvm?.heap, { usedBytes: 6, afterGcBytes: 3 });
  assert.deepEqual(soon.jvm?.lastFullGc, { at: 500 });
  assert.equal(soon.jvm?.gcTimePercent, 7.5);
  assert.equal(soon.heartbeat.rejected, 1);
  // An hour later only what holds for ever is left of it.
  const late = carry.apply(jvmOf({}, { heap: { usedBytes: 6 }, gcTimePercent: 0 }), 3_600_000);
  assert.deepEqual(
    [late.serviceCluster, late.counters['Sessions.5m'], late.jvm?.gcTimePercent],
    [undefined, undefined, 0],
  );
  assert.deepEqual([late.jvm?.lastFullGc?.at, late.jvm?.heap?.afterGcBytes], [500, 3]);
});

test('full collections never become fewer, whether the JVM counts them or its receiver does', () => {
  const carryOf = (fullGcs: number) => new CarryOver(new Map([['a', jvmOf({}, { fullGcs })]]), 0);
  const counted = (carry: CarryOver, fullGcs: number | undefined) =>
    carry.apply(jvmOf({}, { fullGcs }), 1_000).jvm?.fullGcs;
  const byJvm = carryOf(7);
  assert.deepEqual(
    [7, 8, undefined].map((fullGcs) => counted(byJvm, fullGcs)),
    [7, 8, 7],
  );
  const byReceiver = carryOf(7);
  assert.deepEqual(
    [undefined, 0, 1, 8].map((fullGcs) => counted(byReceiver, fullGcs)),
    [7, 7, 8, 15],
  );
});

test('a JVM that began anew while the port changed hands is a restart, and owes nothing to the one before', () => {
  const before = jvmOf({ restarts: 2 }, { lastFullGc: { at: 500 }, gcTimePercent: 10 });
  const carry = new CarryOver(new Map([['a', before]]), 0);
  const after = carry.apply(jvmOf({}, { startedAt: 60_000 }), 1_000);
  assert.equal(after.restarts, 3);
  assert.deepEqual([after.jvm?.lastFullGc, after.jvm?.gcTimePercent], [undefined, undefined]);
  assert.equal(carry.apply(jvmOf({ restarts: 1 }, { startedAt: 90_000 }), 2_000).restarts, 4);
});
