import { deflateRawSync } from 'node:zlib';
import type { L9sDatagram } from './datagram.ts';
import { DEFLATED } from './decode.ts';

/** One datagram as UTF-8 JSON; with `deflate` raw-deflated behind one byte, which pays from about 300 bytes on. */
export function encodeL9sDatagram(
  value: L9sDatagram,
  { deflate = false }: { readonly deflate?: boolean } = {},
): Uint8Array {
  const json = Buffer.from(JSON.stringify(value), 'utf8');
  return deflate ? Buffer.concat([Buffer.of(DEFLATED), deflateRawSync(json)]) : json;
}
