import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refOf } from '../../src/domain/ref.ts';
import type { Sender } from '../../src/domain/sender.ts';
import { SERIES_NAMES } from '../../src/domain/series.ts';
import { decodeRelayLine } from '../../src/wire/relay/decode.ts';
import {
  encodeFrame,
  encodeHello,
  encodeList,
  eventItem,
  historyItem,
  patchItem,
  patchOf,
  senderItem,
} from '../../src/wire/relay/encode.ts';
import { MAX_LINE_BYTES, type RelayFrame, type RelayHello } from '../../src/wire/relay/frames.ts';
import { RelayLines } from '../../src/wire/relay/lines.ts';

const HELLO: RelayHello = {
  type: 'hello',
  program: '1.2.3',
  instance: 'a',
  inherits: 'b',
  role: 'collector',
  pid: 7,
  listen: '0.0.0.0:16100',
  isWaiting: false,
  at: 5_000,
};
/** Every group of fields at once. */
const SENDER: Sender = {
  ref: refOf('sender', 'udp', 'vm/was1@10.0.0.5'),
  codec: 'lena',
  name: 'vm/was1',
  hostName: 'vm',
  serverName: 'was1',
  sourceAddress: '10.0.0.5',
  sourcePort: 4_000,
  reportedAddress: '10.0.0.5',
  serverType: 'was',
  serviceCluster: 'shop',
  revision: '3',
  version: '1.3',
  appStatus: 'STARTED',
  byeAt: 9,
  restarts: 2,
  heartbeat: {
    at: 10,
    perMinute: 30,
    lost: 1,
    rejected: 2,
    rejectReasons: [{ reason: 'cut short', count: 2 }],
    intervalMs: 2_000,
    clockSkewMs: -5,
  },
  jvm: {
    source: 'lena',
    at: 10,
    heap: { usedBytes: 1, committedBytes: 2, maxBytes: 3, afterGcBytes: 1 },
    nonHeap: { usedBytes: 4 },
    gcPerMinute: 1.5,
    gcTimePercent: 0.5,
    gcInterval: { coveredMs: 2_000, count: 1, timeMs: 10 },
    collectors: [{ name: 'G1 Old Generation', count: 1, timeMs: 2 }],
    pauses: { count: 1, p50Ms: 2, p95Ms: 3, p99Ms: 4, maxMs: 5 },
    memoryPools: [{ name: 'G1 Old Gen', usedBytes: 1, committedBytes: 2, maxBytes: 3 }],
    fullGcs: 1,
    lastFullGc: { at: 8, beforeBytes: 3, afterBytes: 1, maxBytes: 9, cause: 'System.gc()' },
    tps: 3.5,
    meanMs: 20,
    p95Ms: 40,
    errorPercent: 0.1,
    active: { total: 3, under3s: 1, under8s: 1, over8s: 1 },
    connectors: [{ name: 'http-nio-8180', busy: 2.5, max: 200 }],
    dataSources: [{ name: 'shop', active: 1, idle: 2, max: 10 }],
    threads: { live: 10, peak: 12, daemon: 3, blocked: 0, stuck: 0 },
    cpu: { process: 0.1, system: 0.2 },
    sessions: 4,
    classes: 5,
    fds: { open: 6, max: 7 },
    web: { activeThreads: 1, workers: [{ name: 'w', state: 'OK', active: 1, idle: 2, max: 3, errors: 4 }] },
    sessionStore: { sessions: 1, isMirrorConnected: true, mirrorAddress: '10.0.0.6', lost: { received: 1 } },
    startedAt: 1,
  },
  counters: { user: 'lena', TotalThreads: 3, isPrimary: true, GcMemory: [1, 2, 3] },
};

const linesOf = (lines: Iterable<{ readonly text: string }>): readonly string[] =>
  [...lines].map(({ text }) => text);
function frameOf(line: string | undefined): RelayFrame {
  const decoded = decodeRelayLine(line ?? '');
  if (decoded.kind !== 'frame') throw new Error(JSON.stringify(decoded));
  assert.equal(decoded.bad, 0);
  return decoded.frame;
}
const sendersLine = (...items: readonly unknown[]) => JSON.stringify({ type: 'senders', senders: items });

test('a sender comes through with every field', () => {
  const [line] = linesOf(encodeList('senders', [senderItem(SENDER)]));
  const { ref, ...fields } = SENDER;
  assert.deepEqual(frameOf(line), { type: 'senders', senders: [{ id: ref.id, ...fields }] });
});

test('after the first time only what changed is told', () => {
  const after: Sender = {
    ...SENDER,
    byeAt: undefined,
    restarts: 3,
    // Equal, though another object.
    counters: { ...SENDER.counters },
  };
  const patch = patchOf(SENDER, after);
  assert.deepEqual(patch, { id: SENDER.ref.id, set: { restarts: 3 }, gone: ['byeAt'] });
  assert.equal(patchOf(SENDER, { ...SENDER }), undefined);
  const [line] = linesOf(encodeList('patches', patch === undefined ? [] : [patchItem(patch)]));
  assert.deepEqual(frameOf(line), { type: 'patches', patches: [patch] });
});

test('hello, facts, beat, ready, bye and events come through', () => {
  assert.deepEqual(frameOf(encodeHello(HELLO)), HELLO);
  const facts = {
    type: 'facts',
    at: 1,
    isWaiting: true,
    lastGoodAt: 2,
    perMinute: 3,
    counts: { datagrams: 4 },
    notes: ['a note'],
  } as const;
  for (const frame of [
    facts,
    { type: 'beat', at: 9 } as const,
    { type: 'ready' } as const,
    { type: 'bye', reason: 'slow' } as const,
  ])
    assert.deepEqual(frameOf(encodeFrame(frame)), frame);
  const event = eventItem({
    ref: refOf('event', 'udp', 'e1'),
    at: 3,
    level: 'warning',
    type: 'FULL-GC',
    message: 'long',
    target: SENDER.ref,
    targetName: 'vm/was1',
  });
  const frame = frameOf(linesOf(encodeList('events', [event]))[0]);
  assert.ok(frame.type === 'events');
  assert.deepEqual(frame.events[0], {
    id: 'e1',
    at: 3,
    level: 'warning',
    type: 'FULL-GC',
    message: 'long',
    target: SENDER.ref.id,
    targetName: 'vm/was1',
  });
});

test('history comes through to the last bit, with what was not heard', () => {
  const values = new Float32Array(3 * SERIES_NAMES.length).fill(Number.NaN);
  values.set([1.5, 2e9, 0.25], 6);
  const block = { resolution: 'fine', fromAt: 4_000, values } as const;
  const item = historyItem({ sender: SENDER.ref, blocks: [block], fullGcs: [{ at: 5, cause: 'Metadata' }] });
  const frame = frameOf(linesOf(encodeList('history', [item]))[0]);
  assert.ok(frame.type === 'history');
  assert.deepEqual(frame.history, [
    { id: SENDER.ref.id, blocks: [block], fullGcs: [{ at: 5, cause: 'Metadata' }] },
  ]);
});

test('history that cannot be is left out and counted', () => {
  const history = (values: Buffer, fromAt = 4_000) =>
    decodeRelayLine(
      JSON.stringify({
        type: 'history',
        history: [
          {
            id: 'a',
            blocks: [{ resolution: 'fine', fromAt, values: values.toString('base64') }],
            fullGcs: [],
          },
        ],
      }),
    );
  const isLeftOut = (line: ReturnType<typeof decodeRelayLine>) => line.kind === 'frame' && line.bad === 1;
  assert.ok(isLeftOut(history(Buffer.alloc(25))), 'no whole step');
  assert.ok(isLeftOut(history(Buffer.alloc(24), 4_001)), 'between two steps');
  assert.ok(isLeftOut(history(Buffer.alloc(24 * 400))), 'more than is remembered');
  assert.ok(!isLeftOut(history(Buffer.alloc(24))));
});

test('a bad sender costs itself, not the others of its line', () => {
  const good = JSON.parse(senderItem(SENDER).text);
  const decoded = decodeRelayLine(
    sendersLine(
      { ...good, heartbeat: { ...good.heartbeat, at: 'soon' } },
      { ...good, jvm: { ...good.jvm, heap: { usedBytes: '1' } } },
      null,
      7,
      good,
    ),
  );
  assert.ok(decoded.kind === 'frame' && decoded.frame.type === 'senders');
  assert.equal(decoded.bad, 4);
  assert.equal(decoded.frame.senders.length, 1);
});

test('text is cleaned and secrets are masked again', () => {
  const good = JSON.parse(senderItem(SENDER).text);
  const decoded = decodeRelayLine(
    sendersLine({
      ...good,
      name: 'evil\u001b[2J\n',
      counters: { 'db\u0007Password': 'hunter2', url: 'http://user:pass@host/?token=abc' },
    }),
  );
  assert.ok(decoded.kind === 'frame' && decoded.frame.type === 'senders');
  const [sender] = decoded.frame.senders;
  const all = JSON.stringify(sender);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is the point
  assert.doesNotMatch(all, /[\u0000-\u001f]|\\u00|hunter2|pass@|abc/);
  assert.match(all, /\*\*\*/);
});

test('what a newer version adds is left out, and its own words are read as far as they go', () => {
  const good = JSON.parse(senderItem(SENDER).text);
  const newer = { ...good, codec: 'jfr', serverType: 'quarkus', shape: { round: true } };
  const decoded = decodeRelayLine(sendersLine(newer));
  assert.ok(decoded.kind === 'frame' && decoded.frame.type === 'senders' && decoded.bad === 0);
  const [sender] = decoded.frame.senders;
  assert.equal(sender?.codec, 'heartbeat');
  assert.equal(sender?.serverType, undefined);
  assert.equal(Object.hasOwn(sender ?? {}, 'shape'), false);
  assert.equal(decodeRelayLine('{"type":"weather"}').kind, 'unknown');
});

test('another version of the stream is told by its number', () => {
  const line = encodeHello(HELLO).replace('"l9sRelay":1', '"l9sRelay":2');
  assert.deepEqual(decodeRelayLine(line), { kind: 'version', version: 2 });
});

test('no line throws, wherever it is cut or bent', () => {
  const lines = [
    encodeHello(HELLO),
    ...linesOf(encodeList('senders', [senderItem(SENDER)])),
    encodeFrame({ type: 'bye', reason: 'full' }),
  ];
  const kinds = new Set<string>();
  for (const line of lines) {
    for (let at = 0; at < line.length - 1; at++) {
      const cut = decodeRelayLine(line.slice(0, at));
      assert.equal(cut.kind, 'bad');
      kinds.add(decodeRelayLine(`${line.slice(0, at)}7${line.slice(at + 1)}`).kind);
    }
  }
  assert.ok(kinds.has('bad') && kinds.has('frame'));
  for (const odd of [
    '[]',
    '7',
    'null',
    '{"type":"senders"}',
    '{"type":"patches","patches":{}}',
    '{"type":[]}',
  ])
    assert.ok(['bad', 'frame'].includes(decodeRelayLine(odd).kind), odd);
});

test('lines are put together from any pieces', () => {
  const text = 'eins\nzwei ü\n\ndrei\r\n';
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const reader = new RelayLines();
    const lines: string[] = [];
    for (let from = 0; from < bytes.length; from += size)
      lines.push(...reader.push(bytes.subarray(from, from + size)));
    assert.deepEqual(lines, ['eins', 'zwei ü', 'drei'], `in pieces of ${size}`);
  }
});

test('a line that never ends holds no more than one line may, and the next one is read', () => {
  const reader = new RelayLines();
  const piece = Buffer.alloc(65_536, 'x');
  for (let sent = 0; sent < 3 * MAX_LINE_BYTES; sent += piece.length)
    assert.deepEqual(reader.push(piece), []);
  assert.equal(reader.tooLong, 1);
  assert.deepEqual(reader.push(Buffer.from('rest\nnext\n')), ['next']);
});

test('many senders are told in lines of bounded length', () => {
  const items = Array.from({ length: 500 }, (_, index) =>
    senderItem({ ...SENDER, ref: refOf('sender', 'udp', `s${index}`) }),
  );
  const lines = [...encodeList('senders', items)];
  assert.ok(lines.length > 1);
  assert.ok(lines.every(({ text }) => text.length < MAX_LINE_BYTES / 4));
  assert.deepEqual(
    lines.flatMap(({ ids }) => ids),
    items.map(({ id }) => id),
  );
});
