import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { readPrivateFile } from '../../src/core/private-file.ts';
import {
  agentKey,
  derivedKeyOf,
  derivedKeyText,
  isAgentIdentity,
  masterKeyOf,
} from '../../src/wire/dump-channel/agent-key.ts';
import {
  encodeChunk,
  encodeMessage,
  framesFromAgent,
  framesToAgent,
} from '../../src/wire/dump-channel/frames.ts';
import type { FromAgent, ToAgent } from '../../src/wire/dump-channel/messages.ts';

const HASH = 'a'.repeat(64);
const SAID: readonly FromAgent[] = [
  {
    type: 'hello',
    version: 1,
    program: '0.1.0',
    servers: [{ id: 'was-1/tomcat1', can: ['thread', 'service'] }],
  },
  { type: 'progress', id: 1, doneBytes: 10, sizeBytes: 20 },
  { type: 'done', id: 1, sha256: HASH, bytes: 5, how: 'attach threaddump -l', missing: [] },
  { type: 'error', id: 1, code: 'busy', message: 'one at a time' },
  { type: 'error', code: 'failed', message: 'no more' },
];
const ASKED: readonly ToAgent[] = [
  {
    type: 'request',
    id: 1,
    server: 'was-1',
    what: 'heap',
    options: { isLive: true, maxBytes: 1_000 },
    deadlineMs: 60_000,
  },
  { type: 'cancel', id: 1 },
];
const raw = (length: number, body: string | Uint8Array) => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length >>> 0);
  return Buffer.concat([head, Buffer.from(body)]);
};
const json = (value: unknown) => {
  const body = JSON.stringify(value);
  return raw(Buffer.byteLength(body), body);
};

describe('frames of the dump channel', () => {
  it('come out as they went in, however the stream is cut', () => {
    const bytes = Buffer.concat([
      ...SAID.map(encodeMessage),
      encodeChunk(1, Buffer.from('hello')),
      encodeChunk(1, Buffer.alloc(1_048_576, 7)),
    ]);
    for (const step of [1, 3, 1_000, bytes.length]) {
      if (step === 1 && bytes.length > 2_000_000) continue;
      const frames = framesFromAgent();
      const got = [];
      for (let at = 0; at < bytes.length; at += step) got.push(...frames.push(bytes.subarray(at, at + step)));
      assert.equal(frames.failure, undefined);
      assert.equal(frames.isWithin, false);
      const messages = got.flatMap((frame) => (frame.kind === 'message' ? [frame.message] : []));
      assert.deepEqual(messages.slice(0, SAID.length), SAID);
      const sizes = got.flatMap((frame) => (frame.kind === 'bytes' ? [frame.bytes.length] : []));
      assert.deepEqual(sizes, [5, 1_048_576]);
    }
  });
  it('of the receiver come out as they went in', () => {
    const frames = framesToAgent();
    const got = frames.push(Buffer.concat(ASKED.map(encodeMessage)));
    assert.deepEqual(
      got.map((frame) => (frame.kind === 'message' ? frame.message : undefined)),
      ASKED,
    );
  });
  it('are within while a frame or announced bytes are missing', () => {
    const frames = framesFromAgent();
    const chunk = Buffer.from(encodeChunk(3, Buffer.from('abcdef')));
    const bodyAt = chunk.length - 10;
    frames.push(chunk.subarray(0, 2));
    assert.equal(frames.isWithin, true);
    frames.push(chunk.subarray(2, bodyAt));
    assert.equal(frames.isWithin, true);
    const [frame] = frames.push(chunk.subarray(bodyAt));
    assert.equal(frame?.kind === 'bytes' ? frame.id : 0, 3);
    assert.equal(frames.isWithin, false);
  });

  const lies: readonly [string, Uint8Array, RegExp][] = [
    ['no length', raw(0, ''), /impossible length \(0 bytes\)/],
    ['a length above every limit', raw(0xffff_ffff, ''), /impossible length/],
    ['a message as long as a chunk may be', raw(1_048_576, ''), /impossible length/],
    ['no JSON', raw(3, 'abc'), /no message/],
    ['a list', json([1]), /no message/],
    ['a type that is not known', json({ type: 'exec', argv: ['sh'] }), /no message/],
    ['a request from the wrong side', encodeMessage({ type: 'cancel', id: 1 }), /no message/],
    ['a request without a number', json({ type: 'progress', doneBytes: 1 }), /no message/],
    ['a negative size', json({ type: 'progress', id: 1, doneBytes: -1 }), /no message/],
    ['a chunk of nothing', json({ type: 'chunk', id: 1, bytes: 0 }), /no message/],
    ['a chunk above a frame', json({ type: 'chunk', id: 1, bytes: 1_048_577 }), /no message/],
    [
      'fewer bytes than announced',
      Buffer.concat([json({ type: 'chunk', id: 1, bytes: 5 }), raw(4, 'abcd')]),
      /4 bytes where 5 were announced/,
    ],
    ['a hash that is none', json({ ...SAID[2], sha256: 'zz' }), /no message/],
    ['an id with an escape', json({ ...SAID[0], servers: [{ id: 'a\u001b[2J', can: [] }] }), /no message/],
    [
      'servers without end',
      json({ ...SAID[0], servers: Array.from({ length: 257 }, (_, i) => ({ id: `s${i}`, can: [] })) }),
      /no message/,
    ],
  ];
  for (const [name, bytes, reason] of lies) {
    it(`end with the first lie: ${name}`, () => {
      const frames = framesFromAgent();
      assert.deepEqual(
        frames.push(bytes).filter(({ kind }) => kind === 'bytes'),
        [],
      );
      assert.match(frames.failure ?? 'none', reason);
      assert.deepEqual(frames.push(encodeMessage({ type: 'error', code: 'x', message: 'y' })), []);
    });
  }
  it('clean what is shown', () => {
    const [frame] = framesFromAgent().push(
      encodeMessage({ type: 'error', id: 1, code: 'failed', message: 'a\u001b[31mb\n' }),
    );
    assert.ok(frame?.kind === 'message' && frame.message.type === 'error');
    assert.equal(frame.message.message, 'a\u241b[31mb\u240a');
  });
  it('that cannot be taken are not made', () => {
    assert.throws(() => encodeChunk(1, new Uint8Array(0)), RangeError);
    assert.throws(() => encodeChunk(1, new Uint8Array(1_048_577)), RangeError);
  });
});

describe('keys of agents', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'l9s-key-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: string | Uint8Array, mode = 0o600) => {
    const written = path.join(folder, name);
    writeFileSync(written, content);
    chmodSync(written, mode);
    return written;
  };
  const refusal = (make: () => unknown, reason: RegExp, secret = '') => {
    assert.throws(make, (error: Error & { code?: string; hint?: string }) => {
      assert.equal(error.code, 'KEY_FILE_INVALID');
      assert.match(error.message, reason);
      if (secret !== '') assert.ok(!`${error.message}${error.hint}${error.stack}`.includes(secret));
      return true;
    });
  };

  it('are HMAC-SHA-256 of the identity', () => {
    // RFC 4231, test case 2.
    assert.equal(
      Buffer.from(agentKey(Buffer.from('Jefe'), 'what do ya want for nothing?')).toString('hex'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });
  it('are read from files only their owner may read', () => {
    const master = Buffer.alloc(32, 0x5a);
    const good = file('master', master);
    assert.deepEqual(Buffer.from(masterKeyOf(readPrivateFile(good))), master);
    symlinkSync(good, path.join(folder, 'link'));
    assert.deepEqual(Buffer.from(masterKeyOf(readPrivateFile(path.join(folder, 'link')))), master);
    const derived = agentKey(master, 'prod/shop');
    const derivedFile = file('derived', derivedKeyText(derived));
    assert.deepEqual(Buffer.from(derivedKeyOf(readPrivateFile(derivedFile))), Buffer.from(derived));
  });
  it('are refused with words that hold nothing of them', () => {
    const secret = 'do-not-show-me';
    refusal(
      () => masterKeyOf(readPrivateFile(file('short', secret))),
      /holds 14 bytes, fewer than 32/,
      secret,
    );
    refusal(
      () => masterKeyOf(readPrivateFile(file('open', 'x'.repeat(40), 0o644))),
      /open to others \(mode 644\)/,
    );
    refusal(() => masterKeyOf(readPrivateFile(file('long', 'x'.repeat(70_000)))), /longer than 65536/);
    refusal(() => masterKeyOf(readPrivateFile(path.join(folder, 'missing'))), /is not there/);
    refusal(() => masterKeyOf(readPrivateFile(folder)), /is no regular file/);
    refusal(() => derivedKeyOf(readPrivateFile(file('text', secret))), /64 hexadecimal digits/, secret);
  });
  it('belong to a context and a workload', () => {
    for (const right of ['prod/was', 'arn:aws:eks:r:1:cluster/prod/shop/was', '운영/was'])
      assert.equal(isAgentIdentity(right), true, right);
    const wrong = ['', 'prod', '/was', 'prod/', 'a b/c', 'a/\u001b', `a/${'x'.repeat(130)}`, 'a/\u202eb'];
    for (const text of wrong) assert.equal(isAgentIdentity(text), false, text);
  });
});
