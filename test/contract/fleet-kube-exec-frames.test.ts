import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameError, FrameReader, OPCODE, writeFrame } from '../../fixtures/fleet/kube/exec/frames.ts';

const MOST_BYTES = 100_000;
const MASK = Buffer.from([0xa1, 0xb2, 0xc3, 0xd4]);

/** What a client sends: a server's frame with the mask it must have. */
function masked(opcode: number, payload: Buffer, isFinal = true): Buffer {
  const plain = writeFrame(opcode, payload);
  const header = Buffer.from(plain.subarray(0, plain.length - payload.length));
  header[0] = (isFinal ? 0x80 : 0) | opcode;
  header[1] = 0x80 | (header[1] ?? 0);
  const body = Buffer.from(payload.map((byte, i) => byte ^ (MASK[i % MASK.length] ?? 0)));
  return Buffer.concat([header, MASK, body]);
}
const codeOf = (bytes: Buffer): number | undefined => {
  try {
    new FrameReader(MOST_BYTES).push(bytes);
    return undefined;
  } catch (error) {
    return error instanceof FrameError ? error.code : Number.NaN;
  }
};

describe('frames of a WebSocket', () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    test(`are read whole with ${length} bytes, however the stream is cut`, () => {
      const payload = Buffer.from(Array.from({ length }, (_, i) => i % 251));
      const stream = Buffer.concat([masked(OPCODE.binary, payload), masked(OPCODE.ping, Buffer.from('x'))]);
      for (const size of [1, 3, 1_000, stream.length]) {
        const reader = new FrameReader(MOST_BYTES);
        const frames = [];
        for (let from = 0; from < stream.length; from += size) {
          frames.push(...reader.push(stream.subarray(from, from + size)));
        }
        assert.deepEqual(
          frames.map(({ opcode, isFinal }) => [opcode, isFinal]),
          [
            [OPCODE.binary, true],
            [OPCODE.ping, true],
          ],
        );
        assert.ok(frames[0]?.payload.equals(payload));
      }
    });
  }

  test('that break a rule are refused with the code for it', () => {
    const good = masked(OPCODE.binary, Buffer.from('a'));
    assert.equal(codeOf(good), undefined);
    const changed = (change: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(good);
      change(bytes);
      return codeOf(bytes);
    };
    const reserved = changed((bytes) => {
      bytes[0] = 0xc2;
    });
    const unknown = changed((bytes) => {
      bytes[0] = 0x83;
    });
    const unmasked = changed((bytes) => {
      bytes[1] = 0x01;
    });
    assert.deepEqual([reserved, unknown, unmasked], [1002, 1002, 1002]);
    assert.equal(codeOf(masked(OPCODE.ping, Buffer.alloc(126))), 1002);
    assert.equal(codeOf(masked(OPCODE.close, Buffer.alloc(2), false)), 1002);
    assert.equal(codeOf(masked(OPCODE.binary, Buffer.alloc(MOST_BYTES + 1))), 1009);
  });
});
