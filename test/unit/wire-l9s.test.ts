import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { decodeDatagram } from '../../src/wire/datagram.ts';
import type { L9sDatagram, L9sHead } from '../../src/wire/l9s/datagram.ts';
import { decodeL9sDatagram } from '../../src/wire/l9s/decode.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';

const HEAD: L9sHead = { l9s: 1, id: 'web-7f/shop', serverType: 'springboot', at: 1_000, seq: 3, upMs: 500 };
const SAMPLES: readonly L9sDatagram[] = [
  {
    ...HEAD,
    type: 'jvm',
    serviceCluster: 'shop',
    revision: '12',
    heap: { used: 1, committed: 2, max: 3 },
    nonHeap: { used: 4 },
    pools: [{ name: 'G1 Old Gen', used: 5, committed: 6, max: 7 }],
    gc: [{ name: 'G1 Young Generation', count: 8, timeMs: 9 }],
    pauses: [{ name: 'G1 Old Generation', cause: 'System.gc()', at: 900, pauseMs: 40 }],
    threads: { live: 10, peak: 11, daemon: 12, blocked: 0, stuck: 0 },
    connectors: [{ name: 'http-8080', busy: 1, max: 200 }],
    dataSources: [{ name: 'jdbc/a', active: 1, idle: 2, max: 3 }],
    cpu: { process: 0.25, system: 0.5 },
    tx: { perSec: 1.5, avgMs: 20, p95Ms: 80, active: 2, errors: 1 },
    classes: 12_000,
    fds: { open: 90, max: 1_024 },
    sessions: 4,
  },
  {
    ...HEAD,
    type: 'web',
    serverType: 'web',
    threads: { active: 1, idle: 2, max: 3 },
    cpu: { process: 0.1 },
    access: 99,
    trafficBytes: 1_000,
    workers: [{ name: 'was1', state: 'OK', active: 1, idle: 2, max: 3, errors: 0 }],
  },
  {
    ...HEAD,
    type: 'session',
    serverType: 'session',
    heap: { used: 1 },
    sessions: { count: 5, max: 2_000_000, expired: 1 },
    mirror: { address: '10.0.0.2:5180', connected: true },
    lost: { recv: 0, req: 1, resp: 2 },
  },
  {
    ...HEAD,
    type: 'node',
    serverType: 'node',
    cpu: { system: 0.5 },
    memory: { used: 1, total: 2 },
    disk: { used: 3, total: 4 },
  },
  {
    ...HEAD,
    type: 'event',
    event: 'FULL-GC',
    level: 'WARNING',
    message: 'two in 60 s',
    detail: { count: 2, ok: false },
  },
  { ...HEAD, type: 'bye' },
];

const withoutUnknown = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

for (const deflate of [false, true]) {
  for (const sample of SAMPLES) {
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
    [{ ...JVM, l9s: 2 }, 'l9s: not version 1'],
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
