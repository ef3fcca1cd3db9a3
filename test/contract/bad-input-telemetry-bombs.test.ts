import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { DatagramReceiver } from '../../src/sources/telemetry/datagram-receiver.ts';
import { l9sDatagram } from '../support/telemetry-datagrams.ts';

const START = 1_760_000_000_000;
const bomb = Buffer.concat([Buffer.of(1), deflateRawSync(Buffer.alloc(4_000_000, 0x20))]);
const manyServers = Buffer.from(
  Array.from({ length: 1_200 }, (_, line) => `jvm.memory.used:1|g|#host:h${line},id:p${line}`).join('\n'),
);
const nested = Buffer.from(`{"l9s":1,"x":${'[{"y":'.repeat(1_000)}`);
/** Each from an address and port of its own. */
const anywhere = (index: number) => ({ address: `10.0.${index >> 8}.${index & 255}`, port: 1_024 + index });

test('bombs from ever new sockets are read a hundred times a second, and those understood before always', () => {
  const receiver = new DatagramReceiver('udp');
  const home = { address: '10.9.0.1', port: 40_000 };
  const deflated = (seq: number, used: number): Uint8Array => {
    const plain = l9sDatagram({ id: 'good/a', seq, at: START, upMs: 2_000 * seq, heap: { used } });
    return Buffer.concat([Buffer.of(1), deflateRawSync(plain)]);
  };
  const usedBytes = (): number | undefined => {
    for (const change of receiver.takeChanges(START)) {
      if (change.type === 'put' && change.kind === 'sender' && change.entity.name === 'good/a')
        return change.entity.jvm?.heap?.usedBytes;
    }
    return undefined;
  };
  receiver.take(deflated(1, 7), home, START);
  assert.equal(usedBytes(), 7);
  for (let index = 0; index < 3_000; index++) {
    const bytes = [bomb, manyServers, nested][index % 3] ?? bomb;
    receiver.take(bytes, anywhere(index), START + Math.floor(index / 10));
  }
  const { rejected, barred } = receiver.tallies;
  assert.deepEqual([rejected, barred], [100, 2_900]);
  receiver.take(deflated(2, 8), home, START + 500);
  assert.equal(usedBytes(), 8);

  // What costs little is read from anybody meanwhile, and a second later everything is.
  receiver.take(l9sDatagram({ id: 'plain/a', at: START, heap: { used: 1 } }), anywhere(5_000), START + 500);
  assert.equal(receiver.senders, 2);
  receiver.take(deflated(1, 9), anywhere(6_000), START + 1_000);
  assert.equal(receiver.senders, 3);
});
