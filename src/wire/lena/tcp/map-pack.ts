import type { ByteReader } from '../byte-reader.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { LenaMap, LenaValue } from '../pack.ts';
import { readMap } from '../read-value.ts';
import { writeValue } from '../write-value.ts';

/** The type byte of a pack that is a map; the only one on this connection. */
const MAP_PACK = 10;

/** A map pack with its type byte; another type fails the reader. */
export function readMapPack(reader: ByteReader): LenaMap {
  if (reader.u8() === MAP_PACK) return readMap(reader, 0);
  reader.fail('no map pack where one belongs');
  return new Map();
}

export function writeMapPack(writer: ByteWriter, entries: ReadonlyMap<string, LenaValue>): void {
  writer.u8(MAP_PACK);
  writer.decimal(entries.size);
  for (const [key, value] of entries) {
    writer.text(key);
    writeValue(writer, value);
  }
}
