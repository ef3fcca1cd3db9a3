import { ByteWriter } from './byte-writer.ts';
import { objHashOf } from './object-hash.ts';
import type { LenaPack } from './pack.ts';
import { MAGIC, PACK_TYPE } from './value-type.ts';
import { writeValue } from './write-value.ts';

/** One pack with its type byte. An opaque pack becomes its type and as many zero bytes as were skipped. */
export function encodeLenaPack(pack: LenaPack): Uint8Array {
  const writer = new ByteWriter();
  writePack(writer, pack);
  return writer.toBytes();
}

function writePack(writer: ByteWriter, pack: LenaPack): void {
  switch (pack.pack) {
    case 'counters':
      writer.u8(PACK_TYPE.counters);
      writer.int64(pack.time);
      writer.text(pack.objName);
      writer.u8(pack.timeType);
      writeValue(writer, { type: 'map', value: pack.counters });
      return;
    case 'object':
      writer.u8(PACK_TYPE.object);
      writer.text(pack.objType);
      writer.decimal(pack.objHash);
      writer.text(pack.objName);
      writer.text(pack.user);
      writer.text(pack.address);
      writer.text(pack.version);
      writer.u8(pack.isAlive ? 1 : 0);
      writer.decimal(pack.wakeup);
      writeValue(writer, { type: 'map', value: pack.tags });
      return;
    case 'dictionary':
      writer.u8(PACK_TYPE.dictionary);
      writer.text(pack.kind);
      writer.int(pack.hash, 4);
      writer.text(pack.text);
      return;
    case 'alert':
      writer.u8(PACK_TYPE.alert);
      writer.int64(pack.time);
      writer.u8(pack.level);
      writer.text(pack.objType);
      writer.int(pack.objHash, 4);
      writer.text(pack.title);
      writer.text(pack.message);
      writeValue(writer, { type: 'map', value: pack.tags });
      return;
    case 'opaque':
      writer.u8(pack.packType);
      writer.raw(new Uint8Array(pack.skippedBytes));
      return;
  }
}

/** What a fragment is stamped with. */
export interface FragmentIdentity {
  /** @default the hash of the first named object in the packs */
  readonly objHash?: number;
  /** Called once for each fragmented pack; @default counts from 1 */
  readonly nextPacketId?: () => bigint;
}
export interface EncodeOptions extends FragmentIdentity {
  /** Larger packs travel as JMTU; @default 60000, as the advertiser does. */
  readonly maxBytes?: number;
}

const JAVA = Buffer.from(MAGIC.one, 'latin1');
const JAVN = Buffer.from(MAGIC.several, 'latin1');
const JMTU = Buffer.from(MAGIC.fragment, 'latin1');

function datagramOf(packs: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  if (packs.length === 1) writer.raw(JAVA);
  else {
    writer.raw(JAVN);
    writer.int(packs.length, 2);
  }
  for (const pack of packs) writer.raw(pack);
  return writer.toBytes();
}

function fragmentsOf(
  pack: Uint8Array,
  identity: { readonly objHash: number; readonly packetId: bigint; readonly maxBytes: number },
): Uint8Array[] {
  const total = Math.ceil(pack.length / identity.maxBytes);
  const datagrams: Uint8Array[] = [];
  for (let index = 0; index < total; index++) {
    const writer = new ByteWriter();
    writer.raw(JMTU);
    writer.int(identity.objHash, 4);
    writer.bigInt64(identity.packetId);
    writer.int(total, 2);
    writer.int(index, 2);
    writer.blob(pack.subarray(index * identity.maxBytes, (index + 1) * identity.maxBytes));
    datagrams.push(writer.toBytes());
  }
  return datagrams;
}

const namedObject = (packs: readonly LenaPack[]): number => {
  for (const pack of packs) if ('objName' in pack) return objHashOf(pack.objName);
  return 0;
};

const countFromOne = (): (() => bigint) => {
  let next = 0n;
  return () => ++next;
};

/**
 * The datagrams for one send: a single pack as JAVA, several as JAVN (as few datagrams as `maxBytes` allows), a pack
 * larger than `maxBytes` alone as JMTU chunks.
 */
export function encodeLenaDatagrams(
  packs: readonly LenaPack[],
  { maxBytes = 60_000, objHash = namedObject(packs), nextPacketId = countFromOne() }: EncodeOptions = {},
): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const send = () => {
    if (waiting.length > 0) datagrams.push(datagramOf(waiting));
    waiting = [];
    waitingBytes = 0;
  };
  for (const pack of packs) {
    const bytes = encodeLenaPack(pack);
    if (bytes.length > maxBytes) {
      send();
      datagrams.push(...fragmentsOf(bytes, { objHash, packetId: nextPacketId(), maxBytes }));
      continue;
    }
    if (waitingBytes + bytes.length > maxBytes || waiting.length === 0x7fff) send();
    waiting.push(bytes);
    waitingBytes += bytes.length;
  }
  send();
  return datagrams;
}

/**
 * How the advertiser sends packs that were queued one by one (objects, dictionary texts): JAVN(n), JAVN(n−1) … JAVA.
 * As recorded, the k-th datagram repeats the k-th queued pack as often as packs were left in the queue.
 */
export function encodeLenaQueue(packs: readonly LenaPack[], options: EncodeOptions = {}): Uint8Array[] {
  return packs.flatMap((pack, index) =>
    encodeLenaDatagrams(new Array<LenaPack>(packs.length - index).fill(pack), options),
  );
}
