import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Advertisers } from '../../fixtures/fleet/jvm/advertiser.ts';
import { JvmRegistry } from '../../fixtures/fleet/jvm/jvm-registry.ts';
import type { VoiceKind } from '../../fixtures/fleet/jvm/voice.ts';
import { type FleetProcess, ProcessTable } from '../../fixtures/fleet/process.ts';
import { decodeL9sDatagram } from '../../src/wire/l9s/decode.ts';
import { decodeLenaDatagram } from '../../src/wire/lena/decode.ts';
import type { LenaPack } from '../../src/wire/lena/pack.ts';
import { fleetProcess, HandClock, START_AT } from '../support/fleet-processes.ts';

interface Heard {
  readonly bytes: Uint8Array;
  readonly port: number;
}

/** A receiver, and senders on a clock turned by hand. */
async function stage(context: TestContext, kinds: Readonly<Record<string, VoiceKind>>) {
  const heard: Heard[] = [];
  const receiver: Socket = createSocket('udp4');
  receiver.on('message', (bytes, from) => heard.push({ bytes: Uint8Array.from(bytes), port: from.port }));
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const clock = new HandClock(START_AT);
  const processes = new ProcessTable();
  const jvms = new JvmRegistry({ processes, clock, seed: 7 });
  const advertisers = new Advertisers({
    processes,
    jvms,
    clock,
    seed: 7,
    maxSockets: 4,
    voiceOf: (process) => kinds[process.id] ?? 'none',
  });
  context.after(async () => {
    await advertisers.close();
    jvms.close();
    receiver.close();
  });
  const start = (own: Partial<FleetProcess>) => {
    const process = fleetProcess(own);
    processes.start(process);
    processes.setPhase(process.id, 'ready');
    return process;
  };
  return {
    heard,
    clock,
    processes,
    jvms,
    advertisers,
    start,
    open: () => advertisers.sendTo('127.0.0.1', receiver.address().port),
    /** Turns the clock and waits until everything that was sent has come. */
    async turn(ms: number): Promise<readonly Heard[]> {
      const from = heard.length;
      clock.turn(ms);
      const mark = createSocket('udp4');
      await new Promise<void>((resolve) => {
        const onMessage = (bytes: Buffer) => {
          if (bytes.toString() !== 'mark') return;
          receiver.off('message', onMessage);
          heard.pop();
          resolve();
        };
        receiver.on('message', onMessage);
        // The senders' own sockets hand over in later ticks: the mark goes after them.
        setImmediate(() => setImmediate(() => mark.send('mark', receiver.address().port, '127.0.0.1')));
      });
      mark.close();
      return heard.slice(from);
    },
  };
}

function packsOf(datagrams: readonly Heard[]): readonly LenaPack[] {
  return datagrams.flatMap(({ bytes }) => {
    const datagram = decodeLenaDatagram(bytes);
    assert.equal(datagram.kind, 'packs');
    if (datagram.kind !== 'packs') return [];
    assert.equal(datagram.leftOverBytes, 0);
    return datagram.packs;
  });
}

test('a WAS speaks as the real advertiser does', async (t) => {
  const world = await stage(t, { p1: 'lena' });
  world.start({});
  assert.deepEqual(await world.turn(10_000), [], 'nothing is sent before it is told where to');
  world.open();
  const first = await world.turn(2_100);
  const objName = '/lena-was-7c9d-abcde/lena-was-7c9d-abcde/';
  const counters = packsOf(first).filter((pack) => pack.pack === 'counters');
  const own = counters.find((pack) => pack.objName === objName && pack.timeType === 1);
  assert.equal(own?.time, 0);
  assert.equal(own?.counters.has('GcCount'), false, 'the first sample has no previous one');
  assert.deepEqual(own?.counters.get('appStatus'), { type: 'text', value: 'STARTED' });
  assert.ok(counters.some((pack) => pack.objName === objName && pack.timeType === 3));
  const object = packsOf(first).find((pack) => pack.pack === 'object' && pack.objType === 'tomcat');
  assert.ok(object?.pack === 'object');
  assert.equal(object.address, '10.244.1.7');
  assert.deepEqual(object.tags.get('containerGroupName'), { type: 'text', value: 'shop-was' });

  const second = packsOf(await world.turn(2_000));
  const next = second.find(
    (pack) => pack.pack === 'counters' && pack.objName === objName && pack.timeType === 1,
  );
  assert.ok(next?.pack === 'counters' && next.counters.has('GcCount'));
  const names = new Set(second.flatMap((pack) => ('objName' in pack ? [pack.objName] : [])));
  assert.ok(names.has(`${objName}/http-nio-8180`));
  assert.ok(
    [...names].some((name) => name.includes('/ROOT/name="jdbc/')),
    [...names].join(' '),
  );

  world.processes.stop('p1');
  assert.deepEqual(await world.turn(10_000), [], 'a stop is silence');
});

test('queued object packs repeat as JAVN(n) … JAVA(1)', async (t) => {
  const world = await stage(t, { p1: 'lena' });
  world.start({});
  world.open();
  await world.turn(2_100);
  const objects = (await world.turn(2_000)).flatMap(({ bytes }) => {
    const datagram = decodeLenaDatagram(bytes);
    return datagram.kind === 'packs' && datagram.packs[0]?.pack === 'object' ? [datagram.packs.length] : [];
  });
  assert.ok(objects.length >= 2);
  assert.deepEqual(
    objects,
    objects.map((_, index) => objects.length - index),
  );
});

test('other JVMs speak l9s/1, some deflated, and say goodbye when they stop on purpose', async (t) => {
  const world = await stage(t, { a: 'l9s', b: 'l9sDeflated' });
  world.start({ id: 'a', type: 'tomcat', hostName: 'ledger-1', environment: {} });
  world.start({ id: 'b', type: 'springboot', hostName: 'orders-1', environment: {} });
  world.open();
  const words = (await world.turn(4_500)).map(({ bytes }) => decodeL9sDatagram(bytes));
  assert.ok(words.length >= 3);
  for (const word of words) assert.equal(word.kind, 'datagram', JSON.stringify(word));
  world.processes.setPhase('a', 'stopping');
  const last = (await world.turn(0)).map(({ bytes }) => decodeL9sDatagram(bytes));
  assert.equal(last.length, 1);
  assert.ok(last[0]?.kind === 'datagram' && last[0].value.type === 'bye');
});

test('a silenced process sends nothing and is heard again later', async (t) => {
  const world = await stage(t, { p1: 'lena' });
  world.start({});
  world.open();
  assert.ok((await world.turn(4_000)).length > 0);
  world.advertisers.silence('p1', true);
  assert.deepEqual(await world.turn(20_000), []);
  world.advertisers.silence('p1', false);
  assert.ok((await world.turn(4_000)).length > 0);
});

test('two that call themselves the same never share a socket', async (t) => {
  const kinds: Record<string, VoiceKind> = {};
  for (let i = 0; i < 12; i++) kinds[`p${i}`] = 'l9s';
  const world = await stage(t, kinds);
  for (let i = 0; i < 12; i++) {
    world.start({ id: `p${i}`, type: 'tomcat', context: `c${i % 3}`, hostName: `same-${i >> 2}` });
  }
  world.open();
  const portsOf = new Map<string, Map<number, number>>();
  for (const { bytes, port } of await world.turn(2_100)) {
    const word = decodeL9sDatagram(bytes);
    assert.equal(word.kind, 'datagram');
    if (word.kind !== 'datagram' || word.value.seq !== 0) continue;
    const ports = portsOf.get(word.value.id) ?? new Map<number, number>();
    ports.set(port, (ports.get(port) ?? 0) + 1);
    portsOf.set(word.value.id, ports);
  }
  assert.equal(portsOf.size, 3);
  for (const ports of portsOf.values()) {
    assert.equal(ports.size, 4);
    assert.ok([...ports.values()].every((count) => count === 1));
  }
});
