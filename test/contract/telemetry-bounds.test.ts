import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { DatagramReceiver } from '../../src/sources/telemetry/datagram-receiver.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';
import { createLenaAssembly } from '../../src/wire/lena/assembly.ts';
import { encodeLenaDatagrams } from '../../src/wire/lena/encode.ts';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import type { LenaPack, LenaValue } from '../../src/wire/lena/pack.ts';
import { l9sDatagram, lenaCounters, lenaDatagram } from '../support/telemetry-datagrams.ts';

const START = 1_795_233_200_000;
const from = (port: number, address = '10.0.0.7') => ({ address, port });

test('thousands of new ids a second: those known are read on, newcomers have a rate, and all is counted', () => {
  const receiver = new DatagramReceiver('udp', {
    senders: 1_000,
    newcomers: { perSecond: 100, burst: 500 },
  });
  const known = Array.from({ length: 20 }, (_, index) => `known-${index}`);
  let sent = 0;
  const send = (id: string, at: number, seq: number) => {
    const upMs = at - START + 60_000;
    receiver.take(l9sDatagram({ id, at, seq, upMs, heap: { used: seq } }), from(9), at);
    sent++;
  };
  for (const id of known) send(id, START, 0);
  for (let second = 1; second <= 10; second++) {
    const now = START + second * 1_000;
    for (let index = 0; index < 2_000; index++) send(`made-up-${second}-${index}`, now, 0);
    for (const id of known) send(id, now, second);
  }
  const now = START + 10_000;
  const senders = receiver
    .takeChanges(now)
    .flatMap((change) => (change.type === 'put' && change.kind === 'sender' ? [change.entity] : []));
  for (const id of known) assert.equal(senders.find(({ name }) => name === id)?.jvm?.heap?.usedBytes, 10, id);
  assert.ok(receiver.senders <= 1_000);
  const { evicted = 0, datagrams } = receiver.counts(now);
  // 500 at once, 100 a second after, the known ones among the first: the table is full in between.
  assert.equal(datagrams, sent);
  assert.equal(receiver.tallies.refused + receiver.senders + evicted + 200, sent);
  // Names heard once give way to newcomers.
  assert.ok(evicted > 0);
});

test('a table full of made-up names makes room for a server that goes on speaking', () => {
  const receiver = new DatagramReceiver('udp', { senders: 100 });
  for (let index = 0; index < 300; index++)
    receiver.take(lenaDatagram(lenaCounters({ objName: `/h${index}/a/` })), from(index + 1), START);
  assert.equal(receiver.senders, 100);
  for (let cycle = 1; cycle <= 5; cycle++)
    receiver.take(
      lenaDatagram(lenaCounters({ objName: '/real/tomcat1/', heapMiB: cycle })),
      from(9_999),
      START + cycle * 2_000,
    );
  const names = receiver
    .takeChanges(START + 10_000)
    .flatMap((change) => (change.type === 'put' && change.kind === 'sender' ? [change.entity.name] : []));
  assert.ok(names.includes('real/tomcat1'));
});

test('what senders make us keep by name has one budget over all of them', () => {
  const receiver = new DatagramReceiver('udp', { senders: 500, values: 2_000 });
  const counters = (server: number): LenaPack => ({
    pack: 'counters',
    time: 0,
    objName: `/h${server}/a/`,
    timeType: 1,
    counters: new Map<string, LenaValue>(
      Array.from({ length: 150 }, (_, index) => [`n${index}`, { type: 'text', value: 'x'.repeat(5_000) }]),
    ),
  });
  for (let server = 0; server < 200; server++)
    for (const bytes of encodeLenaDatagrams([counters(server)]))
      receiver.take(bytes, from(server + 1), START);
  const told = receiver
    .takeChanges(START)
    .flatMap((change) => (change.type === 'put' && change.kind === 'sender' ? [change.entity.counters] : []));
  const kept = told.reduce((sum, each) => sum + Object.keys(each).length, 0);
  assert.equal(kept, 2_000);
  for (const each of told)
    for (const value of Object.values(each)) assert.ok(typeof value !== 'string' || value.length <= 256);
  assert.equal(receiver.counts(START)['droppedValues'], 200 * 150 - 2_000);
  // What was kept of a sender is free again when it is forgotten.
  receiver.forgetSilent(START + 4_000_000);
  for (const bytes of encodeLenaDatagrams([counters(999)])) receiver.take(bytes, from(1), START + 4_000_000);
  const [change] = receiver
    .takeChanges(START + 4_000_000)
    .filter((one) => one.type === 'put' && one.kind === 'sender');
  assert.ok(change?.type === 'put' && change.kind === 'sender');
  assert.equal(Object.keys(change.entity.counters).length, 150);
});

test('lists of l9s/1 beyond the budget are left out, the other figures stay', () => {
  const receiver = new DatagramReceiver('udp', { senders: 100, values: 300 });
  const connectors = Array.from({ length: 100 }, (_, index) => ({ name: `c${index}`, busy: 1 }));
  for (let index = 0; index < 5; index++)
    receiver.take(
      encodeL9sDatagram({
        l9s: 1,
        type: 'jvm',
        id: `h${index}`,
        serverType: 'jvm',
        at: START,
        seq: 1,
        upMs: 1_000,
        heap: { used: 7 },
        connectors,
      }),
      from(index + 1),
      START,
    );
  const told = receiver
    .takeChanges(START)
    .flatMap((change) => (change.type === 'put' && change.kind === 'sender' ? [change.entity.jvm] : []));
  assert.deepEqual(
    told.map((jvm) => jvm?.connectors?.length),
    [100, 100, 100, undefined, undefined],
  );
  assert.ok(told.every((jvm) => jvm?.heap?.usedBytes === 7));
});

test('a socket of bombs is refused fifty times a second and not read beyond that', () => {
  const receiver = new DatagramReceiver('udp');
  const bomb = Buffer.concat([Buffer.of(1), deflateRawSync(Buffer.alloc(4_000_000, 0x20))]);
  const nested = Buffer.concat([
    Buffer.from('JAVA<'),
    Buffer.alloc(8),
    Buffer.of(2, 0x2f, 0x61, 1, 80, 1, 1, 1, 0x61),
    Buffer.alloc(40_000, Buffer.of(70, 1, 1)),
  ]);
  for (let index = 0; index < 2_000; index++)
    receiver.take(index % 2 === 0 ? bomb : nested, from(666), START + (index >> 1));
  receiver.take(l9sDatagram({ at: START + 999, heap: { used: 1 } }), from(1), START + 999);
  const counts = receiver.counts(START + 999);
  assert.deepEqual(
    [counts['datagrams'], counts['rejected'], counts['barred'], counts['senders']],
    [2_001, 50, 1_950, 1],
  );
  assert.deepEqual(
    [counts['rejected.l9s: larger than 64 KiB inflated'], counts['rejected.lena: nested too deep']],
    [25, 25],
  );
  // What costs little is read in between, and a second later everything.
  receiver.take(l9sDatagram({ id: 'good', at: START + 999, heap: { used: 1 } }), from(666), START + 999);
  assert.equal(receiver.senders, 2);
  receiver.take(bomb, from(666), START + 1_000);
  assert.equal(receiver.tallies.rejected, 51);
});

test('large datagrams of a sender beyond its rate are not even decoded', () => {
  const receiver = new DatagramReceiver('udp', { rate: { perSecond: 1, burst: 10 } });
  for (let seq = 0; seq < 10; seq++)
    receiver.take(l9sDatagram({ seq, at: START, heap: { used: seq } }), from(1), START);
  const broken = Buffer.concat([Buffer.from('{'), Buffer.alloc(4_000, 0x20)]);
  for (let index = 0; index < 40; index++) receiver.take(broken, from(1), START);
  assert.deepEqual([receiver.tallies.limited, receiver.tallies.rejected], [40, 0]);
  // In time it is heard again, and told what is wrong.
  receiver.take(broken, from(1), START + 2_000);
  assert.deepEqual([receiver.tallies.limited, receiver.tallies.rejected], [40, 1]);
});

test('reasons for refusals are few, whatever is sent, also for whoever never was a sender', () => {
  const receiver = new DatagramReceiver('udp');
  for (let length = 4; length < 400; length++) {
    const bytes = Buffer.alloc(length, 0xff);
    bytes.write('JAVA');
    receiver.take(bytes, from(length, '10.9.9.9'), START + length * 1_000);
    receiver.take(Buffer.from(`{"l9s":${length}}`), from(length, '10.9.9.8'), START + length * 1_000);
  }
  const counts = receiver.counts(START + 400_000);
  const reasons = Object.entries(counts).filter(([name]) => name.startsWith('rejected.'));
  assert.ok(reasons.length <= 25);
  assert.equal(
    reasons.reduce((sum, [, count]) => sum + count, 0),
    counts['rejected'],
  );
  assert.equal(counts['senders'], 0);
});

test('who sends what nobody can read is told by address, for a minute', () => {
  const receiver = new DatagramReceiver('udp');
  for (let host = 1; host <= 100; host++)
    receiver.take(Buffer.from('{"l9s":2}'), from(1, `10.1.0.${host}`), START + host);
  receiver.take(l9sDatagram({ at: START }), from(2), START);
  receiver.take(Buffer.from('{"l9s":2}'), from(2), START);
  assert.deepEqual(receiver.notes(START + 30_000), [
    'refuses datagrams of 10.1.0.100 (l9s: not version 1)',
    'refuses datagrams of 10.1.0.98 (l9s: not version 1)',
    'refuses datagrams of 10.1.0.99 (l9s: not version 1)',
  ]);
  assert.deepEqual(receiver.notes(START + 61_000), []);
});

test('a flood of single chunks from everywhere stays within the packs and bytes that may be held', () => {
  const assembly = createLenaAssembly({ totalPacks: 1_000 });
  const chunk = new Uint8Array(100);
  for (let index = 0; index < 50_000; index++)
    assembly.add(
      `sender ${index}`,
      { kind: 'fragment', objHash: 1, packetId: BigInt(index), total: 256, index: 0, chunk },
      index,
    );
  assert.equal(assembly.heldBytes, 100 * 1_000);
  assert.equal(assembly.abandoned, 49_000);
});

test('names shared by many sockets of one address are counted as unclear, not lost', () => {
  const receiver = new DatagramReceiver('udp');
  for (let port = 1; port <= 100; port++)
    receiver.take(lenaDatagram(lenaCounters({ startedAt: port })), from(port), START);
  assert.equal(receiver.senders, 16);
  // Three were taken for restarts of the first.
  assert.equal(receiver.tallies.unclear, 100 - 16 - 3);
});

test('a forged goodbye is taken back by the next word of the server', () => {
  const receiver = new DatagramReceiver('udp');
  const name = '/vm/tomcat1/';
  assert.equal(objHashOf(name), -62652262);
  const byeAt = () => {
    const [change] = receiver.takeChanges(START);
    return change?.type === 'put' && change.kind === 'sender' ? change.entity.byeAt : 'nothing told';
  };
  receiver.take(lenaDatagram(lenaCounters()), from(5), START);
  assert.equal(byeAt(), undefined);
  receiver.take(lenaDatagram(lenaCounters({ appStatus: 'STOPPING' })), from(5), START + 1_000);
  assert.equal(byeAt(), START + 1_000);
  receiver.take(lenaDatagram(lenaCounters({ heapMiB: 11 })), from(5), START + 2_000);
  assert.equal(byeAt(), undefined);
});
