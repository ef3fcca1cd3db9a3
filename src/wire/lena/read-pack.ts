import type { ByteReader } from './byte-reader.ts';
import type { LenaPack } from './pack.ts';
import { readMapValue } from './read-value.ts';
import { PACK_TYPE } from './value-type.ts';

/** One pack with its type byte. Property order is the order on the wire. */
export function readPack(reader: ByteReader): LenaPack {
  const packType = reader.u8();
  switch (packType) {
    case PACK_TYPE.counters:
      return {
        pack: 'counters',
        time: reader.int64(),
        objName: reader.name(),
        timeType: reader.u8(),
        counters: readMapValue(reader),
      };
    case PACK_TYPE.object:
      return {
        pack: 'object',
        objType: reader.text(),
        objHash: reader.decimal(),
        objName: reader.name(),
        user: reader.text(),
        address: reader.text(),
        version: reader.text(),
        isAlive: reader.u8() !== 0,
        wakeup: reader.decimal(),
        tags: readMapValue(reader),
      };
    case PACK_TYPE.dictionary:
      return { pack: 'dictionary', kind: reader.text(), hash: reader.int(4), text: reader.text() };
    case PACK_TYPE.alert:
      return {
        pack: 'alert',
        time: reader.int64(),
        level: reader.u8(),
        objType: reader.text(),
        objHash: reader.int(4),
        title: reader.text(),
        message: reader.text(),
        tags: readMapValue(reader),
      };
    default:
      return { pack: 'opaque', packType, skippedBytes: reader.skipRest() };
  }
}
