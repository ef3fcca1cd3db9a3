import type { L9sJvm } from '../wire/l9s/datagram.ts';
import { MAX_DATAGRAM_BYTES } from '../wire/l9s/decode.ts';
import { encodeL9sDatagram } from '../wire/l9s/encode.ts';

/** What passes every network in one packet. */
export const PACKET_BYTES = 1_400;

/** Ways to say less, each after the one before: what is left out is not known to the receiver, never wrong. */
const SHORTER: readonly ((datagram: L9sJvm) => L9sJvm)[] = [
  (datagram) => datagram,
  (datagram) => ({ ...datagram, pauses: datagram.pauses?.slice(-8) }),
  ({ dataSources: _dataSources, pauses: _pauses, ...datagram }) => datagram,
  ({ dataSources: _dataSources, pauses: _pauses, connectors: _connectors, ...datagram }) => datagram,
];

/** Plain where it fits one packet, else deflated, else said shorter; `undefined` where nothing helps. */
export function fitDatagram(datagram: L9sJvm): Uint8Array | undefined {
  const plain = encodeL9sDatagram(datagram);
  if (plain.length <= PACKET_BYTES) return plain;
  for (const shorten of SHORTER) {
    const deflated = encodeL9sDatagram(shorten(datagram), { deflate: true });
    if (deflated.length <= MAX_DATAGRAM_BYTES) return deflated;
  }
  return undefined;
}
