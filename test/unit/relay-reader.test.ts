import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../fixtures/fleet/random.ts';
import type { Change } from '../../src/domain/ports.ts';
import { refOf } from '../../src/domain/ref.ts';
import type { Sender } from '../../src/domain/sender.ts';
import { SERIES_NAMES, type SenderHistory } from '../../src/domain/series.ts';
import { KnownSenders } from '../../src/sources/telemetry/relay/known-senders.ts';
import { RelayReader } from '../../src/sources/telemetry/relay/relay-reader.ts';
import {
  encodeFrame,
  encodeHello,
  encodeList,
  eventItem,
  historyItem,
  senderItem,
} from '../../src/wire/relay/encode.ts';
import { MAX_RELAY_SENDERS } from '../../src/wire/relay/frames.ts';
import { ownerHello, plainSender } from '../support/relay-stage.ts';

const senderOf = (id: string, more: Partial<Sender> = {}): Sender =>
  plainSender(id, {
    counters: { a: 1, b: 'text' },
    jvm: { source: 'l9s', at: 1, heap: { usedBytes: 1, maxBytes: 2 }, connectors: [{ name: 'c', busy: 1 }] },
    ...more,
  });
const helloOf = (instance: string, inherits?: string) =>
  encodeHello(ownerHello({ instance, inherits, at: 5 }));
const textOf = (lines: Iterable<{ readonly text: string }>) => [...lines].map(({ text }) => text).join('');

function readerOf({
  known = new KnownSenders(),
  maxParts,
}: {
  readonly known?: KnownSenders;
  readonly maxParts?: number;
} = {}) {
  const changes: Change[] = [];
  const histories: SenderHistory[] = [];
  const reader = new RelayReader({
    context: 'far',
    sink: {
      changes: (batch) => changes.push(...batch),
      history: (batch) => histories.push(...batch),
    },
    now: () => 5,
    isRemote: false,
    known,
    maxParts,
    onReady: () => undefined,
    onFacts: () => undefined,
    onBye: () => undefined,
  });
  return { reader, known, changes, histories, take: (text: string) => reader.take(Buffer.from(text)) };
}
const values = new Float32Array(SERIES_NAMES.length).fill(1);
const STREAM = [
  helloOf('one'),
  textOf(encodeList('senders', [senderItem(senderOf('a')), senderItem(senderOf('b'))])),
  textOf(
    encodeList('history', [
      historyItem({
        sender: refOf('sender', 'udp', 'a'),
        blocks: [{ resolution: 'fine', fromAt: 2_000, values }],
        fullGcs: [{ at: 1 }],
      }),
    ]),
  ),
  textOf(
    encodeList('events', [
      eventItem({
        ref: refOf('event', 'udp', 'e'),
        at: 1,
        level: 'info',
        type: 't',
        message: 'm',
        targetName: 'a',
      }),
    ]),
  ),
  encodeFrame({ type: 'ready' }),
  '{"type":"patches","patches":[{"id":"a","set":{"restarts":2},"gone":["jvm"]}]}\n',
  encodeFrame({ type: 'facts', at: 5, isWaiting: false, counts: { datagrams: 1 }, notes: [] }),
  '{"type":"drops","ids":["b"]}\n',
].join('');

test('a stream becomes senders, history and events of the reader’s own context', () => {
  const { take, changes, histories, known, reader } = readerOf();
  assert.equal(take(STREAM), undefined);
  assert.ok(changes.every((change) => change.type !== 'put' || change.entity.ref.context === 'far'));
  assert.deepEqual(histories[0]?.sender, refOf('sender', 'far', 'a'));
  assert.deepEqual([...known.senders.keys()], ['a']);
  assert.deepEqual([known.get('a')?.restarts, known.get('a')?.jvm], [2, undefined]);
  assert.equal(reader.bad, 0);
});

test('bytes bent, cut, doubled and put in between neither throw nor grow what is held', () => {
  const { next } = createRandom(11);
  const at = (length: number) => Math.floor(next() * length);
  const original = Buffer.from(STREAM);
  for (let round = 0; round < 4_000; round++) {
    let bytes = Buffer.from(original);
    for (let change = at(4); change >= 0; change--) {
      const place = at(bytes.length);
      const kind = at(4);
      if (kind === 0) bytes[place] = at(256);
      else if (kind === 1) bytes = bytes.subarray(0, place);
      else if (kind === 2)
        bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(at(bytes.length))]);
      else
        bytes = Buffer.concat([
          bytes.subarray(0, place),
          Buffer.from('9'.repeat(at(40))),
          bytes.subarray(place),
        ]);
      if (bytes.length === 0) break;
    }
    const { reader, known } = readerOf();
    for (let from = 0; from < bytes.length; from += 97) reader.take(bytes.subarray(from, from + 97));
    // A bent id is another sender; there are never more than lines have room for.
    assert.ok(known.senders.size <= 16);
  }
});

test('a stream tells of no more senders than are kept', () => {
  const { take, known, reader } = readerOf();
  take(helloOf('one'));
  const items = Array.from({ length: MAX_RELAY_SENDERS + 50 }, (_, index) =>
    senderItem(senderOf(`s${index}`, { jvm: undefined })),
  );
  for (const { text } of encodeList('senders', items)) take(text);
  assert.equal(known.senders.size, MAX_RELAY_SENDERS);
  assert.equal(reader.bad, 50);
});

test('senders that are blown up hold no more parts than one stream may tell', () => {
  const { take, known, reader } = readerOf({ maxParts: 100 });
  const counters = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, index]));
  const told = (id: string, count: number) =>
    textOf(encodeList('senders', [senderItem(senderOf(id, { counters: counters(count), jvm: undefined }))]));
  take(helloOf('one') + told('a', 60) + told('b', 60));
  assert.deepEqual([...known.senders.keys()], ['a']);
  // What became smaller makes room.
  take(`${told('a', 10)}${told('b', 60)}{"type":"drops","ids":["b"]}\n${told('c', 90)}`);
  assert.deepEqual([...known.senders.keys()], ['a', 'c']);
  assert.equal(reader.bad, 1);
});

test('within one stream another owner may go on: its counts stand for themselves, or are added', () => {
  const { take, known } = readerOf();
  const senders = (restarts: number) =>
    textOf(encodeList('senders', [senderItem(senderOf('a', { restarts }))]));
  take(helloOf('one') + senders(3));
  take(helloOf('two', 'one') + senders(3));
  assert.equal(known.get('a')?.restarts, 3);
  take(helloOf('three') + senders(0));
  assert.equal(known.get('a')?.restarts, 3);
  take('{"type":"patches","patches":[{"id":"a","set":{"restarts":1},"gone":[]}]}\n');
  assert.equal(known.get('a')?.restarts, 4);
});

test('the rate of the last minute fades from one receiver to the next', () => {
  const known = new KnownSenders();
  known.begin({ instance: 'one' }, 0);
  assert.equal(known.perMinute(600, 1_000), 600);
  known.begin({ instance: 'two' }, 10_000);
  assert.deepEqual(
    [
      [0, 10_000],
      [300, 40_000],
      [600, 70_000],
      [600, 100_000],
    ].map(([heard = 0, at = 0]) => known.perMinute(heard, at)),
    [600, 600, 600, 600],
  );
  // Who goes on with the counts of the one before has added them itself.
  known.begin({ instance: 'three', inherits: 'two' }, 110_000);
  assert.equal(known.perMinute(590, 110_000), 590);
});

test('who nobody tells of any more leaves after an hour of silence', () => {
  const known = new KnownSenders();
  known.put(senderOf('old'), 1);
  known.put(
    senderOf('new', { heartbeat: { at: 3_000_000, perMinute: 1, rejected: 0, intervalMs: 2_000 } }),
    1,
  );
  assert.deepEqual(known.takeSilent(3_700_000), [
    { type: 'drop', kind: 'sender', ref: refOf('sender', 'udp', 'old') },
  ]);
  assert.deepEqual([...known.senders.keys()], ['new']);
});
