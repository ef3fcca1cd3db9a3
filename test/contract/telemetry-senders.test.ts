import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { TelemetryOptions } from '../../src/sources/telemetry/telemetry-source.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';
import { encodeLenaDatagrams } from '../../src/wire/lena/encode.ts';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import { l9sDatagram, l9sHead, lenaCounters, lenaDatagram } from '../support/telemetry-datagrams.ts';
import { TelemetryHarness } from '../support/telemetry-harness.ts';

const START = 1_795_233_200_000;

async function start(t: TestContext, options: Partial<TelemetryOptions> = {}): Promise<TelemetryHarness> {
  const harness = new TelemetryHarness(START, options);
  t.after(() => harness.stop());
  await harness.bound();
  return harness;
}

test('packs that come again in the same cycle count once, in any order of repeats', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  await harness.send(socket, lenaDatagram(lenaCounters()));
  harness.clock.advance(2_000);
  const first = lenaCounters({ gcCount: 2, gcTimeMs: 20, heapMiB: 11 });
  await harness.send(socket, lenaDatagram(first, first, first));
  harness.clock.advance(2_000);
  const second = lenaCounters({ gcCount: 3, gcTimeMs: 30, heapMiB: 12 });
  const third = lenaCounters({ gcCount: 1, gcTimeMs: 10, heapMiB: 13 });
  for (const packs of [[second, third], [third], [second, third], [third]])
    await harness.send(socket, lenaDatagram(...packs));
  harness.flush();
  const { jvm } = harness.sender('vm/tomcat1');
  // 2 + 3 + 1 collections over two cycles, and one more cycle for the sample that came in a burst.
  assert.equal(jvm?.gcPerMinute, (6 * 60_000) / 6_000);
  assert.equal(jvm.gcTimePercent, 1);
});

test('the rate covers the last minute only', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  for (let cycle = 0; cycle <= 40; cycle++) {
    const gcCount = cycle < 10 ? 5 : 0;
    await harness.send(
      socket,
      lenaDatagram(lenaCounters({ gcCount, gcTimeMs: gcCount * 10, heapMiB: cycle })),
    );
    harness.clock.advance(2_000);
  }
  assert.equal(harness.sender('vm/tomcat1').jvm?.gcPerMinute, 0);
});

test('a server that starts anew on another port is one row with one restart', async (t) => {
  const harness = await start(t);
  const [before, after] = [await harness.socket(), await harness.socket()];
  await harness.send(before, lenaDatagram(lenaCounters({ startedAt: 1_000, gcCount: 9, gcTimeMs: 90 })));
  harness.clock.advance(2_000);
  await harness.send(after, lenaDatagram(lenaCounters({ startedAt: 3_000 })));
  harness.clock.advance(2_000);
  await harness.send(after, lenaDatagram(lenaCounters({ startedAt: 3_000, heapMiB: 20 })));
  harness.flush();
  const sender = harness.sender('vm/tomcat1');
  assert.deepEqual([sender.restarts, sender.jvm?.startedAt, sender.jvm?.gcPerMinute], [1, 3_000, undefined]);
  assert.equal(sender.sourcePort, after.address().port);
  assert.equal(sender.jvm?.heap?.usedBytes, 20 * 1_048_576);
});

test('two servers of one name at one address are two rows, and stay two', async (t) => {
  const harness = await start(t);
  const [one, two] = [await harness.socket(), await harness.socket()];
  for (let cycle = 0; cycle < 6; cycle++) {
    await harness.send(one, lenaDatagram(lenaCounters({ startedAt: 1_000, heapMiB: 10 + cycle })));
    harness.clock.advance(1_000);
    await harness.send(two, lenaDatagram(lenaCounters({ startedAt: 3_000, heapMiB: 50 + cycle })));
    harness.clock.advance(1_000);
  }
  harness.flush();
  const rows = [...harness.senders.values()].map(({ sourcePort, restarts, jvm }) => [
    sourcePort,
    restarts,
    jvm?.heap?.usedBytes,
  ]);
  assert.deepEqual(
    rows.sort((a, b) => Number(a[2]) - Number(b[2])),
    [
      [one.address().port, 0, 15 * 1_048_576],
      [two.address().port, 0, 55 * 1_048_576],
    ],
  );
  assert.equal(harness.sender('vm/tomcat1').sourcePort, one.address().port);
  assert.equal(harness.sender(`vm/tomcat1:${two.address().port}`).restarts, 0);
});

test('a server that sends each datagram from another port is one row', async (t) => {
  const harness = await start(t);
  for (let cycle = 0; cycle < 4; cycle++) {
    const socket = await harness.socket();
    await harness.send(socket, lenaDatagram(lenaCounters({ heapMiB: cycle })));
    harness.clock.advance(2_000);
  }
  harness.flush();
  const sender = harness.sender('vm/tomcat1');
  assert.deepEqual([sender.restarts, sender.heartbeat.perMinute], [0, 4]);
});

test('one name at two addresses is two rows', async (t) => {
  const harness = await start(t, { listen: { host: '0.0.0.0', port: 0 } });
  const address = harness.source.address;
  assert.ok(address !== undefined);
  for (const host of ['127.0.0.1', '127.0.0.2']) {
    const socket = await harness.socket(host);
    const before = harness.clock.reads;
    socket.send(lenaDatagram(lenaCounters()), address.port, '127.0.0.1');
    while (harness.clock.reads === before) await new Promise((resolve) => setImmediate(resolve));
  }
  harness.flush();
  assert.deepEqual([...harness.senders.keys()], ['vm/tomcat1@127.0.0.1', 'vm/tomcat1@127.0.0.2']);
});

test('l9s/1: figures, identity and clock skew', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  const skew = 5_000;
  for (let seq = 0; seq < 3; seq++) {
    await harness.send(
      socket,
      l9sDatagram({
        serviceCluster: 'shop',
        revision: '12',
        at: START + seq * 2_000 + skew,
        seq,
        upMs: 60_000 + seq * 2_000,
        heap: { used: 100 + seq, committed: 200, max: 400 },
        gc: [{ name: 'G1 Young Generation', count: 10 + seq * 2, timeMs: 100 + seq * 40 }],
        tx: { perSec: 12.5, avgMs: 20, p95Ms: 80, active: 2, errors: 1 },
        cpu: { process: 0.25 },
        sessions: 7,
      }),
    );
    harness.clock.advance(2_000);
  }
  const sender = harness.sender('shop-1/jvm');
  assert.deepEqual(
    [
      sender.codec,
      sender.hostName,
      sender.serverName,
      sender.serverType,
      sender.serviceCluster,
      sender.revision,
    ],
    ['l9s', 'shop-1', 'jvm', 'springboot', 'shop', '12'],
  );
  assert.deepEqual(sender.jvm?.heap, {
    usedBytes: 102,
    committedBytes: 200,
    maxBytes: 400,
    afterGcBytes: undefined,
  });
  // 4 collections and 80 ms in the 4 000 ms between the first and the third.
  assert.deepEqual([sender.jvm.gcPerMinute, sender.jvm.gcTimePercent], [60, 2]);
  assert.deepEqual([sender.jvm.tps, sender.jvm.meanMs, sender.jvm.p95Ms], [12.5, 20, 80]);
  assert.equal(sender.jvm.startedAt, START - 60_000);
  assert.equal(sender.heartbeat.clockSkewMs, skew);
  assert.equal(sender.heartbeat.lost, 0);
});

test('l9s/1: gaps are loss, late and repeated ones are not, a restart is counted', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  const at = (seq: number, startedAt = START - 10_000) =>
    l9sDatagram({ seq, upMs: 10_000 + seq * 100, at: startedAt + 10_000 + seq * 100, heap: { used: seq } });
  for (const seq of [1, 2, 5, 5, 3]) await harness.send(socket, at(seq));
  harness.flush();
  const before = harness.sender('shop-1/jvm');
  assert.deepEqual([before.heartbeat.lost, before.restarts, before.jvm?.heap?.usedBytes], [1, 0, 5]);
  harness.clock.advance(20_000);
  await harness.send(socket, l9sDatagram({ seq: 0, upMs: 100, at: START + 20_000, heap: { used: 50 } }));
  harness.flush();
  const after = harness.sender('shop-1/jvm');
  assert.deepEqual([after.heartbeat.lost, after.restarts, after.jvm?.heap?.usedBytes], [1, 1, 50]);
});

test('l9s/1: a goodbye is kept until figures come again; an event reaches the sink once', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  await harness.send(socket, l9sDatagram({ seq: 1, upMs: 1_000, at: START }));
  const event = encodeL9sDatagram({
    ...l9sHead({ seq: 2, upMs: 1_100, at: START + 100 }),
    type: 'event',
    event: 'FULL-GC',
    level: 'WARNING',
    message: 'two in 60 s',
  });
  await harness.send(socket, event);
  await harness.send(socket, event);
  await harness.send(
    socket,
    encodeL9sDatagram({ ...l9sHead({ seq: 3, upMs: 1_200, at: START + 200 }), type: 'bye' }),
  );
  harness.flush();
  assert.equal(harness.sender('shop-1/jvm').byeAt, START);
  const [seen, ...more] = [...harness.events.values()];
  assert.deepEqual(
    [seen?.type, seen?.level, seen?.message, seen?.count, seen?.targetName, more.length],
    ['FULL-GC', 'warning', 'two in 60 s', 1, 'shop-1/jvm', 0],
  );
});

test('what nobody knows is a heartbeat; what does not decode is counted with its reason', async (t) => {
  const harness = await start(t);
  const [stranger, liar] = [await harness.socket(), await harness.socket()];
  await harness.send(stranger, 'hello');
  await harness.send(liar, '{"l9s":1,"type":"jvm"}');
  harness.flush();
  const heard = harness.sender(`127.0.0.1:${stranger.address().port}`);
  assert.deepEqual([heard.codec, heard.heartbeat.rejected, heard.jvm], ['heartbeat', 0, undefined]);
  // Never understood and no stranger either: counted, but nobody.
  assert.equal(harness.senders.size, 1);
  await harness.send(liar, l9sDatagram({ at: START, upMs: 5, seq: 1 }));
  await harness.send(liar, '{"l9s":1,"type":"jvm"}');
  harness.flush();
  const refused = harness.sender('shop-1/jvm');
  assert.equal(refused.heartbeat.rejected, 1);
  assert.equal(refused.counters['rejectReason'], 'l9s: id: not a string with content');
  // A stranger that says who it is in the end: its nameless row goes, what was refused stays counted.
  await harness.send(stranger, '{"l9s":2}');
  await harness.send(stranger, l9sDatagram({ id: 'shop-2/jvm', at: START, upMs: 5, seq: 1 }));
  harness.flush();
  assert.equal(harness.sender('shop-2/jvm').heartbeat.rejected, 1);
  assert.equal(harness.senders.size, 2);
  const counts = await harness.counts();
  assert.deepEqual([counts['datagrams'], counts['rejected'], counts['senders']], [6, 3, 2]);
});

test('only dirty senders are put, at most once a flush', async (t) => {
  const harness = await start(t);
  const [one, two] = [await harness.socket(), await harness.socket()];
  for (let i = 0; i < 20; i++) await harness.send(one, l9sDatagram({ id: 'a', seq: i, at: START, upMs: i }));
  await harness.send(two, l9sDatagram({ id: 'b', at: START }));
  harness.flush();
  assert.equal(harness.batches.length, 1);
  assert.equal(harness.batches[0]?.length, 2);
  const before = harness.sender('a');
  await harness.send(two, l9sDatagram({ id: 'b', seq: 1, at: START }));
  harness.flush();
  assert.equal(harness.batches[1]?.length, 1);
  assert.equal(harness.sender('a'), before);
});

test('more senders than there is room for replace only silent ones', async (t) => {
  const harness = await start(t, { limits: { senders: 50 } });
  const socket = await harness.socket();
  for (let i = 0; i < 60; i++) await harness.send(socket, l9sDatagram({ id: `early-${i}`, at: START }));
  harness.flush();
  assert.equal(harness.senders.size, 50);
  harness.clock.advance(60_000);
  await harness.send(socket, l9sDatagram({ id: 'late', at: START }));
  harness.flush();
  harness.sender('late');
  assert.equal(harness.senders.size, 50);
  assert.equal(harness.senders.has('early-0@127.0.0.1/l9s'), false);
  const counts = await harness.counts();
  assert.deepEqual([counts['refused'], counts['evicted']], [10, 1]);
});

test('a sender that floods is read at its rate and the others are read in full', async (t) => {
  const harness = await start(t, { limits: { rate: { perSecond: 10, burst: 20 } } });
  const [flood, calm] = [await harness.socket(), await harness.socket()];
  for (let i = 0; i < 100; i++) await harness.send(flood, lenaDatagram(lenaCounters({ heapMiB: i })));
  await harness.send(calm, lenaDatagram(lenaCounters({ objName: '/vm/calm/', heapMiB: 5 })));
  harness.flush();
  assert.equal(harness.sender('vm/tomcat1').jvm?.heap?.usedBytes, 19 * 1_048_576);
  assert.equal(harness.sender('vm/tomcat1').heartbeat.perMinute, 100);
  assert.equal(harness.sender('vm/calm').jvm?.heap?.usedBytes, 5 * 1_048_576);
  const counts = await harness.counts();
  assert.deepEqual([counts['datagrams'], counts['limited']], [101, 80]);
});

test('a sender silent for longer than it is remembered is dropped', async (t) => {
  const harness = await start(t, { limits: { forgetMs: 60_000 } });
  const socket = await harness.socket();
  await harness.send(socket, lenaDatagram(lenaCounters()));
  harness.flush();
  assert.equal(harness.senders.size, 1);
  await harness.turnUntil(() => harness.senders.size === 0, 'the sender to be dropped');
});

test('a server removed and heard again begins anew', async (t) => {
  const harness = await start(t, { limits: { senders: 1 } });
  const socket = await harness.socket();
  await harness.send(socket, lenaDatagram(lenaCounters({ objName: '/vm/a/' })));
  harness.clock.advance(60_000);
  await harness.send(socket, lenaDatagram(lenaCounters({ objName: '/vm/b/' })));
  harness.clock.advance(60_000);
  await harness.send(socket, lenaDatagram(lenaCounters({ objName: '/vm/a/', startedAt: 77 })));
  harness.flush();
  assert.deepEqual([...harness.senders.keys()], ['vm/a@127.0.0.1']);
  assert.equal(harness.sender('vm/a').restarts, 0);
});

test('service cluster, host name and counters come from the tags', async (t) => {
  const harness = await start(t);
  const socket = await harness.socket();
  const text = (value: string) => ({ type: 'text', value }) as const;
  const [datagram] = encodeLenaDatagrams([
    {
      pack: 'object',
      objType: 'tomcat',
      objHash: objHashOf('/shop-7f/tomcat1/'),
      objName: '/shop-7f/tomcat1/',
      user: 'lena',
      address: '10.1.2.3',
      version: '1.3.4.0',
      isAlive: true,
      wakeup: 0,
      tags: new Map([
        ['serverType', text('EMBEDDED_APPLICATION_SERVER')],
        ['containerGroupName', text('shop')],
        ['hostName', text('shop-7f9c')],
        ['endpointAddr', text('http://u:p@10.1.2.3:8180/?key=abc')],
      ]),
    },
  ]);
  await harness.send(socket, datagram ?? '');
  harness.flush();
  const sender = harness.sender('shop-7f/tomcat1');
  assert.deepEqual(
    [sender.serverType, sender.serviceCluster, sender.hostName, sender.reportedAddress, sender.version],
    ['embedded', 'shop', 'shop-7f9c', '10.1.2.3', '1.3.4.0'],
  );
  assert.equal(sender.counters['endpointAddr'], 'http://***@10.1.2.3:8180/?key=***');
  assert.equal(sender.jvm, undefined);
});
