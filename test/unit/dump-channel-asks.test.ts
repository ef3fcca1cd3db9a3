import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DumpPeer } from '../../src/domain/dump.ts';
import { refOf } from '../../src/domain/ref.ts';
import { text } from '../../src/domain/text.ts';
import {
  ASK_VERSION,
  framesFromOwner,
  framesToOwner,
  peersMessages,
  type ToOwner,
} from '../../src/wire/dump-channel/asks.ts';
import { encodeJson } from '../../src/wire/dump-channel/frames.ts';

const peer = (id: string, more: Partial<DumpPeer> = {}): DumpPeer => ({
  ref: refOf('peer', 'udp', id),
  protocol: 'l9s',
  address: '10.0.0.1',
  port: 1,
  connectedAt: 1,
  identity: 'prod/was',
  serverIds: ['was-1'],
  can: ['thread'],
  ...more,
});
function heard(messages: ReturnType<typeof peersMessages>) {
  const frames = framesFromOwner();
  const put: DumpPeer[] = [];
  const drop: string[] = [];
  for (const message of messages) {
    for (const frame of frames.push(encodeJson(message))) {
      assert.ok(frame.kind === 'message' && frame.message.type === 'peers');
      put.push(...frame.message.put);
      drop.push(...frame.message.drop);
    }
  }
  assert.equal(frames.failure, undefined);
  return { put, drop };
}

describe('what the owner of a port tells of its peers', () => {
  it('comes out as it went in', () => {
    const peers = [peer('a'), peer('b', { refused: text('why', '왜'), objHash: -5, protocol: 'lena' })];
    assert.deepEqual(heard(peersMessages(peers, ['c', 'd'])), { put: peers, drop: ['c', 'd'] });
    assert.deepEqual(heard(peersMessages([], [])), { put: [], drop: [] });
  });
  it('fits into frames, however many and large they are', () => {
    const many = Array.from({ length: 2_000 }, (_, i) => peer(`p${i}`));
    assert.equal(heard(peersMessages(many, [])).put.length, 2_000);
    const ids = Array.from({ length: 256 }, (_, i) => `${i}-${'서'.repeat(120)}`);
    const large = Array.from({ length: 40 }, (_, i) => peer(`p${i}`, { serverIds: ids }));
    assert.equal(heard(peersMessages(large, [])).put.length, 40);
    const gone = Array.from({ length: 2_000 }, (_, i) => `p${i}`);
    assert.equal(heard(peersMessages([], gone)).drop.length, 2_000);
  });
});

describe('what is asked of the owner of a port', () => {
  const order = {
    way: 'agent-channel',
    peer: 'l9s/prod/was@10.0.0.1:1',
    server: { context: 'prod', name: 'was-1', id: 'was-1' },
    kind: 'thread',
    isLive: false,
    maxBytes: 1,
    timeoutMs: 1,
    by: 'me@here',
  } as const;
  const read = (value: { readonly type: string }) => {
    const frames = framesToOwner();
    const [frame] = frames.push(encodeJson(value));
    return frame?.kind === 'message' ? frame.message : frames.failure;
  };
  it('is one of two things', () => {
    const asks: readonly ToOwner[] = [
      { type: 'look', version: ASK_VERSION, isWatch: true },
      { type: 'take', version: ASK_VERSION, order },
    ];
    for (const ask of asks) assert.deepEqual(read(ask), ask);
  });
  it('is nothing else', () => {
    for (const wrong of [
      { type: 'exec', argv: ['sh'] },
      { type: 'take', version: 1, order: { ...order, kind: 'delete' } },
      { type: 'take', version: 1, order: { ...order, way: 'pod-exec' } },
      { type: 'take', version: 1, order: { ...order, maxBytes: -1 } },
      { type: 'take', version: 1, order: { ...order, peer: 'a\u001b[2J' } },
      { type: 'look' },
    ])
      assert.equal(read(wrong), 'a frame that is no message', JSON.stringify(wrong));
  });
});
