import type { L9sDatagram } from './l9s/datagram.ts';
import { decodeL9sDatagram, isL9sDatagram } from './l9s/decode.ts';
import type { LenaFragment, LenaPacks } from './lena/decode.ts';
import { decodeLenaDatagram, isLenaDatagram } from './lena/decode.ts';
import type { StatsdDatagram } from './statsd/datagram.ts';
import { decodeStatsdDatagram, isStatsdDatagram } from './statsd/decode.ts';

/** What a datagram was; `heartbeat` says no more than that its sender lives. */
export type DecodedDatagram =
  | { readonly codec: 'lena'; readonly content: LenaPacks | LenaFragment }
  | { readonly codec: 'l9s'; readonly content: L9sDatagram }
  | { readonly codec: 'statsd'; readonly content: StatsdDatagram }
  | { readonly codec: 'heartbeat' }
  | { readonly codec: 'reject'; readonly of: DatagramCodec['name']; readonly reason: string };

interface DatagramCodec {
  readonly name: 'lena' | 'l9s' | 'statsd';
  /** By the first bytes alone, or the first line. */
  recognises(bytes: Uint8Array): boolean;
  decode(bytes: Uint8Array): DecodedDatagram;
}

const lena: DatagramCodec = {
  name: 'lena',
  recognises: isLenaDatagram,
  decode(bytes) {
    const content = decodeLenaDatagram(bytes);
    return content.kind === 'reject'
      ? { codec: 'reject', of: 'lena', reason: content.reason }
      : { codec: 'lena', content };
  },
};

const l9s: DatagramCodec = {
  name: 'l9s',
  recognises: isL9sDatagram,
  decode(bytes) {
    const decoded = decodeL9sDatagram(bytes);
    return decoded.kind === 'reject'
      ? { codec: 'reject', of: 'l9s', reason: decoded.reason }
      : { codec: 'l9s', content: decoded.value };
  },
};

const statsd: DatagramCodec = {
  name: 'statsd',
  recognises: isStatsdDatagram,
  decode(bytes) {
    const decoded = decodeStatsdDatagram(bytes);
    return decoded.kind === 'reject'
      ? { codec: 'reject', of: 'statsd', reason: decoded.reason }
      : { codec: 'statsd', content: decoded.value };
  },
};

/** The codecs, asked in this order: a new one is its file and a line here. */
const CODECS: readonly DatagramCodec[] = [lena, l9s, statsd];

const HEARTBEAT: DecodedDatagram = { codec: 'heartbeat' };

/** Decodes a datagram by the codec its first bytes choose; bytes no codec knows are a heartbeat. */
export function decodeDatagram(bytes: Uint8Array): DecodedDatagram {
  for (const codec of CODECS) if (codec.recognises(bytes)) return codec.decode(bytes);
  return HEARTBEAT;
}
