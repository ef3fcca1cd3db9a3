import { ByteReader } from './byte-reader.ts';
import type { LenaPack } from './pack.ts';
import { readPack } from './read-pack.ts';
import { LIMIT } from './value-type.ts';

/** A chunk of one pack that was too large for a datagram. */
export interface LenaFragment {
  readonly kind: 'fragment';
  readonly objHash: number;
  readonly packetId: bigint;
  readonly total: number;
  /** From 0. */
  readonly index: number;
  readonly chunk: Uint8Array;
}
export interface LenaPacks {
  readonly kind: 'packs';
  readonly packs: readonly LenaPack[];
  /** Bytes after the last pack; none from the versions seen. */
  readonly leftOverBytes: number;
}
export interface LenaReject {
  readonly kind: 'reject';
  readonly reason: string;
}
export type LenaDatagram = LenaPacks | LenaFragment | LenaReject;

const reject = (reason: string): LenaReject => ({ kind: 'reject', reason });

const magicOf = (bytes: Uint8Array): number =>
  bytes.length < 4
    ? 0
    : (((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)) >>> 0;
const JAVA = 0x4a415641;
const JAVN = 0x4a41564e;
const JMTU = 0x4a4d5455;

/** True for the first bytes of a LENA advertiser's datagram. */
export function isLenaDatagram(bytes: Uint8Array): boolean {
  const magic = magicOf(bytes);
  return magic === JAVA || magic === JAVN || magic === JMTU;
}

function decodePacks(reader: ByteReader, count: number): LenaPacks | LenaReject {
  if (count < 1 || count > LIMIT.packs) return reject('impossible number of packs');
  const packs: LenaPack[] = [];
  for (let i = 0; i < count; i++) {
    const pack = readPack(reader);
    if (reader.failure !== undefined) return reject(reader.failure);
    packs.push(pack);
    if (pack.pack === 'opaque') break;
  }
  return { kind: 'packs', packs, leftOverBytes: reader.remaining };
}

function decodeFragment(reader: ByteReader): LenaFragment | LenaReject {
  const fragment: LenaFragment = {
    kind: 'fragment',
    objHash: reader.int(4),
    packetId: reader.bigInt64(),
    total: reader.int(2),
    index: reader.int(2),
    chunk: reader.blob(),
  };
  if (reader.failure !== undefined) return reject(reader.failure);
  if (fragment.total < 1 || fragment.index < 0 || fragment.index >= fragment.total)
    return reject('impossible fragment number');
  return fragment;
}

/** Decodes one datagram; what is not one gives a reason, never an exception. */
export function decodeLenaDatagram(bytes: Uint8Array): LenaDatagram {
  const reader = new ByteReader(bytes, 4);
  switch (magicOf(bytes)) {
    case JAVA:
      return decodePacks(reader, 1);
    case JAVN:
      return decodePacks(reader, reader.int(2));
    case JMTU:
      return decodeFragment(reader);
    default:
      return reject('no LENA datagram');
  }
}

/** Decodes the bytes of one pack, as they come out of reassembly: pack type first, no magic. */
export function decodeLenaPack(bytes: Uint8Array): LenaPacks | LenaReject {
  return decodePacks(new ByteReader(bytes), 1);
}
