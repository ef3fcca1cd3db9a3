import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLenaAssembly } from '../../src/wire/lena/assembly.ts';
import { decodeLenaDatagram, decodeLenaPack } from '../../src/wire/lena/decode.ts';
import { encodeLenaDatagrams, encodeLenaPack, encodeLenaQueue } from '../../src/wire/lena/encode.ts';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import type { LenaPack, LenaValue } from '../../src/wire/lena/pack.ts';
import { RECORDINGS, readRecording } from '../support/lena-recordings.ts';

for (const name of RECORDINGS) {
  test(`recording ${name}: decodes with nothing left over and encodes to the same bytes`, () => {
    for (const { atMs, bytes } of readRecording(name)) {
      const decoded = decodeLenaDatagram(bytes);
      if (decoded.kind === 'fragment') {
        assert.equal(bytes.length, 23 + decoded.chunk.length);
        continue;
      }
      assert.equal(decoded.kind, 'packs', `${name} at ${atMs}`);
      if (decoded.kind !== 'packs') continue;
      assert.equal(decoded.leftOverBytes, 0);
      if (decoded.packs.some((pack) => pack.pack === 'opaque')) continue;
      const [again, ...more] = encodeLenaDatagrams(decoded.packs);
      assert.deepEqual(more, []);
      assert.equal(Buffer.from(again ?? []).toString('hex'), Buffer.from(bytes).toString('hex'));
    }
  });
}

test('object names hash to the recorded numbers', () => {
  assert.equal(objHashOf('/vm/tomcat1/'), -62652262);
  assert.equal(objHashOf('/vm/was01/'), 778487270);
});

test('object packs queued together travel as recorded: each again for every one still waiting', () => {
  const recorded = readRecording('ds')
    .filter(({ atMs }) => atMs >= 2015 && atMs <= 2016)
    .map(({ bytes }) => Buffer.from(bytes).toString('hex'));
  const object = (objType: string, objName: string): LenaPack => ({
    pack: 'object',
    objType,
    objHash: objHashOf(objName),
    objName,
    user: objType === 'tomcat' ? 'root' : '',
    address: objType === 'tomcat' ? '127.0.0.1' : '',
    version: objType === 'tomcat' ? '1.3.2.1' : '',
    isAlive: true,
    wakeup: 0,
    tags: new Map<string, LenaValue>(
      objType === 'tomcat' ? [['serverType', { type: 'text', value: 'STANDARD_APPLICATION_SERVER' }]] : [],
    ),
  });
  const sent = encodeLenaQueue([
    object('tomcat', '/vm/tomcat1/'),
    object('reqproc', '/vm/tomcat1//http-nio-127001-18181'),
    object('reqproc', '/vm/tomcat1//ajp-nio-127001-18109'),
    object('reqproc', '/vm/tomcat1//http-nio-127001-18180'),
  ]);
  assert.deepEqual(
    sent.map((bytes) => Buffer.from(bytes).toString('hex')),
    recorded,
  );
});

test('a recorded pack over 60 000 bytes is put together from its chunks', () => {
  const assembly = createLenaAssembly();
  const whole: Uint8Array[] = [];
  for (const { atMs, bytes } of readRecording('frag')) {
    const decoded = decodeLenaDatagram(bytes);
    if (decoded.kind !== 'fragment') continue;
    const pack = assembly.add('127.0.0.1:1', decoded, atMs);
    if (pack !== undefined) whole.push(pack);
  }
  assert.deepEqual(
    whole.map(({ length }) => length),
    [70_257],
  );
  assert.equal(decodeLenaPack(whole[0] ?? new Uint8Array()).kind, 'packs');
});

test('values of every type survive encoding and decoding', () => {
  const counters = new Map<string, LenaValue>([
    ['null', { type: 'null' }],
    ['yes', { type: 'boolean', value: true }],
    ...[
      0,
      1,
      -1,
      127,
      -128,
      128,
      32_768,
      -8_388_609,
      2 ** 31,
      -(2 ** 39),
      2 ** 40,
      Number.MAX_SAFE_INTEGER,
    ].map((value): [string, LenaValue] => [`decimal ${value}`, { type: 'decimal', value }]),
    ['float', { type: 'float', value: 0.5 }],
    ['double', { type: 'double', value: Math.PI }],
    ['text', { type: 'text', value: '한글 \u0000 😀' }],
    ['long text', { type: 'text', value: 'x'.repeat(70_000) }],
    ['blob', { type: 'blob', value: Uint8Array.of(1, 2, 3) }],
    ['ipv4', { type: 'ipv4', value: '10.1.2.3' }],
    ['list', { type: 'list', value: [{ type: 'null' }, { type: 'list', value: [] }] }],
    ['ints', { type: 'ints', value: [1, -2] }],
    ['floats', { type: 'floats', value: [1.5, -2] }],
    ['texts', { type: 'texts', value: ['a', ''] }],
    ['longs', { type: 'longs', value: [2 ** 40, -1] }],
    ['map', { type: 'map', value: new Map([['k', { type: 'decimal', value: 1 }]]) }],
  ]);
  const pack: LenaPack = { pack: 'counters', time: 5, objName: '/vm/a/', timeType: 1, counters };
  const decoded = decodeLenaPack(encodeLenaPack(pack));
  assert.deepEqual(decoded, { kind: 'packs', packs: [pack], leftOverBytes: 0 });
});

test('a pack over the limit travels in chunks and comes back whole, in any order and with repeats', () => {
  const pack: LenaPack = { pack: 'dictionary', kind: 'error', hash: 7, text: 'é'.repeat(50_000) };
  const datagrams = encodeLenaDatagrams([pack], { objHash: 9, nextPacketId: () => -3n });
  assert.equal(datagrams.length, 2);
  const assembly = createLenaAssembly();
  const [first, second] = datagrams.map((bytes) => decodeLenaDatagram(bytes));
  assert.ok(first?.kind === 'fragment' && second?.kind === 'fragment');
  assert.equal(assembly.add('a', second, 0), undefined);
  assert.equal(assembly.add('a', second, 0), undefined);
  assert.equal(assembly.add('b', first, 0), undefined);
  const whole = assembly.add('a', first, 1);
  assert.deepEqual(decodeLenaPack(whole ?? new Uint8Array()), {
    kind: 'packs',
    packs: [pack],
    leftOverBytes: 0,
  });
  assert.equal(assembly.heldBytes, 60_000);
});

test('assembly stays within its bounds of time, number and bytes', () => {
  const assembly = createLenaAssembly({ packs: 2, timeoutMs: 100, senderBytes: 25, totalBytes: 40 });
  const chunk = (packetId: number, size = 10) =>
    ({
      kind: 'fragment',
      objHash: 1,
      packetId: BigInt(packetId),
      total: 2,
      index: 0,
      chunk: new Uint8Array(size),
    }) as const;
  for (let i = 0; i < 5; i++) assembly.add('a', chunk(i), 0);
  assert.deepEqual([assembly.heldBytes, assembly.abandoned], [20, 3]);
  assembly.add('a', chunk(9, 20), 0);
  assert.equal(assembly.heldBytes, 20);
  assembly.add('a', chunk(10, 30), 0);
  assert.equal(assembly.heldBytes, 20);
  for (const sender of ['b', 'c', 'd', 'e']) assembly.add(sender, chunk(1, 20), 0);
  assert.ok(assembly.heldBytes <= 40);
  assembly.add('f', chunk(1, 1), 101);
  assert.equal(assembly.heldBytes, 1);
});
