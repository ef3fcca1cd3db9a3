import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { decodeDatagram } from '../../src/wire/datagram.ts';
import type { L9sHead } from '../../src/wire/l9s/datagram.ts';
import { decodeL9sDatagram } from '../../src/wire/l9s/decode.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';
import { L9S_SAMPLES } from '../support/telemetry-samples.ts';

const HEAD: L9sHead = { l9s: 1, id: 'web-7f/shop', serverType: 'springboot', at: 1_000, seq: 3, upMs: 500 };
const withoutUnknown = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

for (const deflate of [false, true]) {
  for (const sample of L9S_SAMPLES) {
    test(`${sample.type} survives encoding and decoding, ${deflate ? 'deflated' : 'plain'}`, () => {
      const decoded = decodeL9sDatagram(encodeL9sDatagram(sample, { deflate }));
      assert.deepEqual(withoutUnknown(decoded), { kind: 'datagram', value: withoutUnknown(sample) });
    });
  }
}

const reasonOf = (value: unknown): string => {
  const decoded = decodeL9sDatagram(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
  return decoded.kind === 'reject' ? decoded.reason : 'accepted';
};
const JVM = { ...HEAD, type: 'jvm' };

test('a wrong type gives its field as the reason', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ['{', 'no JSON object'],
    ['[]', 'no JSON object'],
    [{ ...JVM, l9s: 2 }, 'not version 1'],
    [{ ...JVM, type: 'was' }, 'type: not a type of datagram'],
    [{ ...JVM, id: 5 }, 'id: not a string'],
    [{ ...JVM, id: '' }, 'id: not a string with content'],
    [{ ...JVM, id: 'x'.repeat(129) }, 'id: not a string of at most 128'],
    [{ ...JVM, serverType: 'constructor' }, 'serverType: not a server type'],
    [{ ...JVM, at: 1.5 }, 'at: not a whole number'],
    [{ ...JVM, seq: -1 }, 'seq: not a whole number'],
    [{ ...JVM, upMs: undefined }, 'upMs: not a whole number'],
    [{ ...JVM, heap: 5 }, 'heap: not an object'],
    [{ ...JVM, heap: { used: '5' } }, 'heap.used: not a number'],
    [{ ...JVM, gc: {} }, 'gc: not a list'],
    [{ ...JVM, gc: [5] }, 'gc: not a list of objects'],
    [{ ...JVM, gc: [{ count: 1 }] }, 'gc.name: not a string with content'],
    [{ ...JVM, pools: new Array(65).fill({ name: 'a' }) }, 'pools: not a list of at most 64'],
    [{ ...HEAD, type: 'session', mirror: { connected: 1 } }, 'mirror.connected: not a boolean'],
    [{ ...HEAD, type: 'event', event: 'ERROR', level: 'LOUD', message: '' }, 'level: not a level'],
  ];
  for (const [value, reason] of cases) assert.equal(reasonOf(value), reason);
});

test('unknown fields, nulls and negative amounts are accepted as not known', () => {
  const decoded = decodeL9sDatagram(
    Buffer.from(JSON.stringify({ ...JVM, more: { deep: [1] }, heap: { used: 5, max: -1 }, cpu: null })),
  );
  assert.ok(decoded.kind === 'datagram' && decoded.value.type === 'jvm');
  assert.deepEqual(withoutUnknown(decoded.value.heap), { used: 5 });
  assert.equal(decoded.value.cpu, undefined);
});

test('a bomb, a large one and a deep one are refused', () => {
  const bomb = Buffer.concat([Buffer.of(1), deflateRawSync(Buffer.alloc(5_000_000, 0x20))]);
  assert.ok(bomb.length < 8_192);
  assert.deepEqual(decodeL9sDatagram(bomb), { kind: 'reject', reason: 'larger than 64 KiB inflated' });
  assert.deepEqual(decodeL9sDatagram(Buffer.from([1, 0xff, 0xff])), {
    kind: 'reject',
    reason: 'does not inflate',
  });
  assert.equal(reasonOf(`{"l9s":1,"x":"${'y'.repeat(8_192)}"}`), 'larger than 8 KiB');
  assert.equal(reasonOf(`{"l9s":1,"x":${'['.repeat(8_000)}`), 'no JSON object');
  const deep = `{"l9s":1,"x":${'['.repeat(32_000)}${']'.repeat(32_000)}}`;
  assert.equal(decodeL9sDatagram(Buffer.concat([Buffer.of(1), deflateRawSync(deep)])).kind, 'reject');
});

test('the first bytes choose the codec', () => {
  assert.equal(decodeDatagram(encodeL9sDatagram({ ...HEAD, type: 'bye' })).codec, 'l9s');
  assert.equal(decodeDatagram(encodeL9sDatagram({ ...HEAD, type: 'bye' }, { deflate: true })).codec, 'l9s');
  assert.deepEqual(decodeDatagram(Buffer.from('JAVA')), {
    codec: 'reject',
    of: 'lena',
    reason: 'cut at byte 4',
  });
  assert.deepEqual(decodeDatagram(Buffer.from('hello')), { codec: 'heartbeat' });
  assert.deepEqual(decodeDatagram(Buffer.alloc(0)), { codec: 'heartbeat' });
});
