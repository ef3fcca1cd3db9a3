import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitDatagram, PACKET_BYTES } from '../../src/agent/fit-datagram.ts';
import type { L9sJvm } from '../../src/wire/l9s/datagram.ts';
import { DEFLATED, decodeL9sDatagram, MAX_DATAGRAM_BYTES } from '../../src/wire/l9s/decode.ts';

const datagram = (more: Partial<L9sJvm> = {}): L9sJvm => ({
  l9s: 1,
  type: 'jvm',
  id: 'was-0',
  serverType: 'tomcat',
  at: 1_700_000_000_000,
  seq: 1,
  upMs: 1_000,
  heap: { used: 1, committed: 2, max: 3, afterGc: 1 },
  ...more,
});
/** Names that do not deflate. */
const names = (count: number) => {
  let seed = 7;
  return Array.from({ length: count }, () =>
    Array.from({ length: 60 }, () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return String.fromCharCode(33 + ((seed >> 8) % 90));
    }).join(''),
  );
};
const decoded = (bytes: Uint8Array | undefined) => {
  const result = decodeL9sDatagram(bytes ?? assert.fail('it does not fit'));
  return result.kind === 'datagram' && result.value.type === 'jvm'
    ? result.value
    : assert.fail('no jvm datagram');
};

describe('a datagram that fits', () => {
  test('is plain while it is one packet', () => {
    const bytes = fitDatagram(datagram());
    assert.notEqual(bytes?.[0], DEFLATED);
    assert.deepEqual(decoded(bytes).heap, { used: 1, committed: 2, max: 3, afterGc: 1 });
  });
  test('is deflated when it would be larger', () => {
    const pauses = Array.from({ length: 40 }, (_, index) => ({
      name: 'G1 Young Generation',
      cause: 'G1 Evacuation Pause',
      at: 1_700_000_000_000 + index,
      pauseMs: 1.5,
    }));
    const bytes = fitDatagram(datagram({ pauses }));
    assert.equal(bytes?.[0], DEFLATED);
    assert.ok((bytes?.length ?? 0) < PACKET_BYTES);
    assert.deepEqual(decoded(bytes).pauses, pauses);
  });
  test('says less rather than nothing, and the heap always', () => {
    const dataSources = names(200).map((name) => ({ name, active: 1, idle: 1, max: 2 }));
    const connectors = names(3).map((name) => ({ name, busy: 1, max: 2 }));
    const bytes = fitDatagram(datagram({ dataSources, connectors }));
    assert.ok((bytes?.length ?? 0) <= MAX_DATAGRAM_BYTES);
    const { dataSources: told, connectors: kept, heap } = decoded(bytes);
    assert.equal(told, undefined);
    assert.equal(kept?.length, 3);
    assert.equal(heap?.used, 1);
  });
});
