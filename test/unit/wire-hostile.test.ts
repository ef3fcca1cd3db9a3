import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DatagramReceiver } from '../../src/sources/telemetry/datagram-receiver.ts';
import { decodeDatagram } from '../../src/wire/datagram.ts';
import { encodeL9sDatagram } from '../../src/wire/l9s/encode.ts';
import { ByteWriter } from '../../src/wire/lena/byte-writer.ts';
import { decodeLenaDatagram } from '../../src/wire/lena/decode.ts';
import { encodeLenaDatagrams } from '../../src/wire/lena/encode.ts';
import { objHashOf } from '../../src/wire/lena/object-hash.ts';
import { readRecording } from '../support/lena-recordings.ts';

const FROM = { address: '127.0.0.1', port: 1 };
/** Control characters a terminal would obey. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const RAW_CONTROL = /[\u0000-\u001f\u007f-\u009f\u202e]/;

/** Every text in a value, names of fields included. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [name, ...textsIn(item)]);
}

/** Takes the bytes as the receiver would and gives every text that would reach the sink. */
function taken(...datagrams: readonly Uint8Array[]): string {
  const receiver = new DatagramReceiver('udp');
  for (const bytes of datagrams) receiver.take(bytes, FROM, 1_000_000);
  return textsIn(receiver.takeChanges(1_000_000)).join('|');
}

test('a datagram cut at any length is refused with a reason or is a shorter one', () => {
  const samples = [
    ...readRecording('ds').map(({ bytes }) => bytes),
    ...readRecording('alerts').map(({ bytes }) => bytes),
    encodeL9sDatagram({
      l9s: 1,
      type: 'jvm',
      id: 'a',
      serverType: 'jvm',
      at: 1,
      seq: 1,
      upMs: 1,
      heap: { used: 1 },
    }),
  ];
  for (const bytes of samples) {
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      const decoded = decodeDatagram(cut);
      if (length >= 4 && decoded.codec === 'lena') {
        // Only what ends in a pack of unknown form has no length of its own.
        const { content } = decoded;
        assert.ok(content.kind === 'packs' && content.packs.at(-1)?.pack === 'opaque', `cut at ${length}`);
      }
      taken(cut);
    }
  }
});

test('flipped bits never throw and never let a raw control character through', () => {
  const samples = ['g1', 'ds', 'alerts', 'frag'].flatMap((name) =>
    readRecording(name === 'g1' ? 'g1' : name === 'ds' ? 'ds' : name === 'alerts' ? 'alerts' : 'frag').map(
      ({ bytes }) => bytes,
    ),
  );
  fc.assert(
    fc.property(
      fc.nat(samples.length - 1),
      fc.array(fc.tuple(fc.nat(4_096), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 }),
      (sample, flips) => {
        const bytes = Buffer.from(samples[sample] ?? []);
        for (const [at, mask] of flips) {
          const index = 4 + (at % Math.max(1, bytes.length - 4));
          bytes[index] = (bytes[index] ?? 0) ^ mask;
        }
        assert.doesNotMatch(taken(bytes, bytes), RAW_CONTROL);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('arbitrary bytes behind every magic never throw', () => {
  const magics = ['JAVA', 'JAVN\u0000\u0002', 'JMTU', '{', '\u0001', ''];
  fc.assert(
    fc.property(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 400 }), (magic, tail) => {
      const bytes = Buffer.concat([Buffer.from(magic, 'latin1'), tail]);
      assert.doesNotMatch(taken(bytes), RAW_CONTROL);
    }),
    { numRuns: 2_000 },
  );
});

test('arbitrary JSON of the right version never throws', () => {
  const head = { l9s: 1, id: 'a', serverType: 'jvm', at: 1, seq: 1, upMs: 1 };
  const group = fc.option(fc.jsonValue({ maxDepth: 3 }), { nil: undefined });
  const fields = fc.record({
    type: fc.constantFrom('jvm', 'web', 'session', 'node', 'event', 'bye', 'x'),
    heap: group,
    gc: group,
    pools: group,
    pauses: group,
    connectors: group,
    threads: group,
    tx: group,
    mirror: group,
    workers: group,
    event: group,
    level: fc.constantFrom('INFO', 'error', 5),
    message: group,
    detail: group,
  });
  fc.assert(
    fc.property(fields, (value) => {
      const text = JSON.stringify({ ...head, ...value });
      assert.doesNotMatch(taken(Buffer.from(text)), RAW_CONTROL);
    }),
    { numRuns: 1_000 },
  );
});

test('claims of huge lengths and counts cost nothing', () => {
  const claims: readonly (readonly [string, (writer: ByteWriter) => void])[] = [
    ['text of 2 GiB', (writer) => writer.raw(Uint8Array.of(254, 0x7f, 0xff, 0xff, 0xff))],
    ['text of negative length', (writer) => writer.raw(Uint8Array.of(254, 0xff, 0xff, 0xff, 0xff))],
    [
      'map of 2^40 entries',
      (writer) => {
        writer.text('/vm/a/');
        writer.raw(Uint8Array.of(1, 80, 5, 0x7f, 0, 0, 0, 0));
      },
    ],
    [
      'list of negative length',
      (writer) => {
        writer.text('/vm/a/');
        writer.raw(Uint8Array.of(1, 80, 1, 1, 1, 0x61, 70, 1, 0xff));
      },
    ],
  ];
  for (const [name, claim] of claims) {
    const writer = new ByteWriter();
    writer.raw(Buffer.from('JAVA<'));
    writer.int64(0);
    claim(writer);
    assert.equal(decodeLenaDatagram(writer.toBytes()).kind, 'reject', name);
  }
});

test('nesting beyond eight is refused, in lists and in maps', () => {
  const head = (writer: ByteWriter) => {
    writer.raw(Buffer.from('JAVA<'));
    writer.int64(0);
    writer.text('/vm/a/');
    writer.raw(Uint8Array.of(1, 80, 1, 1, 1, 0x61));
  };
  for (const opening of [Uint8Array.of(70, 1, 1), Uint8Array.of(80, 1, 1, 1, 0x61)]) {
    const writer = new ByteWriter();
    head(writer);
    for (let i = 0; i < 10_000; i++) writer.raw(opening);
    const decoded = decodeLenaDatagram(writer.toBytes());
    assert.ok(decoded.kind === 'reject' && decoded.reason.startsWith('nested too deep'));
  }
});

test('escape sequences in names, tags, counters and alerts become visible characters', () => {
  const evil = '\u001b[31m\u009b2J\u202e\r\n\u0007';
  const text = (value: string) => ({ type: 'text', value }) as const;
  const datagrams = encodeLenaDatagrams([
    {
      pack: 'counters',
      time: 0,
      objName: `/vm${evil}/tom${evil}/`,
      timeType: 1,
      counters: new Map([
        [`name${evil}`, text(evil)],
        ['appStatus', text(`STARTED${evil}`)],
      ]),
    },
    {
      pack: 'object',
      objType: evil,
      objHash: objHashOf(`/vm${evil}/tom${evil}/`),
      objName: `/vm${evil}/tom${evil}/`,
      user: evil,
      address: evil,
      version: evil,
      isAlive: true,
      wakeup: 0,
      tags: new Map([
        ['containerGroupName', text(evil)],
        ['hostName', text(evil)],
      ]),
    },
    {
      pack: 'alert',
      time: 0,
      level: 250,
      objType: evil,
      objHash: 1,
      title: evil,
      message: `${evil} jdbc:x://user:secret@db/`,
      tags: new Map([['serviceName', text(`/a?password=secret&x=1${evil}`)]]),
    },
  ]);
  const sink = taken(...datagrams);
  assert.doesNotMatch(sink, RAW_CONTROL);
  assert.equal(sink.includes('secret'), false);
  const l9s = encodeL9sDatagram({
    l9s: 1,
    type: 'event',
    id: `a${evil}/b${evil}`,
    serverType: 'jvm',
    serviceCluster: evil,
    at: 1,
    seq: 1,
    upMs: 1,
    event: evil,
    level: 'ERROR',
    message: evil,
  });
  assert.doesNotMatch(taken(l9s), RAW_CONTROL);
});
