import type { ByteReader } from './byte-reader.ts';
import type { LenaMap, LenaValue } from './pack.ts';
import { LIMIT, VALUE_TYPE } from './value-type.ts';

const NULL: LenaValue = { type: 'null' };
/** Most counters are small: sharing their values spares half the garbage of a datagram. */
const LEAST = -2;
const SMALL_DECIMALS: readonly LenaValue[] = Array.from({ length: 1_026 }, (_, i) => ({
  type: 'decimal',
  value: i + LEAST,
}));
const FLOAT_ZERO: LenaValue = { type: 'float', value: 0 };
const NO_ENTRIES: LenaMap = new Map();

/** A count of entries of at least `entryBytes` each; more than the bytes left can hold is a lie. */
function readCount(reader: ByteReader, count: number, entryBytes: number): number {
  if (reader.hasEntries(count, entryBytes)) return count;
  reader.fail('impossible count');
  return 0;
}

function readNumbers(reader: ByteReader, entryBytes: number, read: () => number): readonly number[] {
  const count = readCount(reader, reader.int(2), entryBytes);
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(read());
  return values;
}

function readList(reader: ByteReader, depth: number): readonly LenaValue[] {
  const count = readCount(reader, reader.decimal(), 1);
  const values: LenaValue[] = [];
  for (let i = 0; i < count && reader.failure === undefined; i++) values.push(readValue(reader, depth + 1));
  return values;
}

export function readMap(reader: ByteReader, depth: number): LenaMap {
  const count = readCount(reader, reader.decimal(), 2);
  if (count === 0) return NO_ENTRIES;
  const map = new Map<string, LenaValue>();
  for (let i = 0; i < count && reader.failure === undefined; i++) {
    const key = reader.text();
    map.set(key, readValue(reader, depth + 1));
  }
  return map;
}

function readTexts(reader: ByteReader): readonly string[] {
  const count = readCount(reader, reader.int(2), 1);
  const values: string[] = [];
  for (let i = 0; i < count && reader.failure === undefined; i++) values.push(reader.text());
  return values;
}

function decimalValue(value: number): LenaValue {
  const small = value >= LEAST && value < 1_024 ? SMALL_DECIMALS[value - LEAST] : undefined;
  return small ?? { type: 'decimal', value };
}
// Negative zero stays itself, so that what is read can be written again.
const floatValue = (value: number): LenaValue =>
  Object.is(value, 0) ? FLOAT_ZERO : { type: 'float', value };

/** One value with its type byte; an unknown type fails the reader, for its length cannot be known. */
export function readValue(reader: ByteReader, depth = 0): LenaValue {
  if (depth > LIMIT.nesting) {
    reader.fail('nested too deep');
    return NULL;
  }
  switch (reader.u8()) {
    case VALUE_TYPE.null:
      return NULL;
    case VALUE_TYPE.boolean:
      return { type: 'boolean', value: reader.u8() !== 0 };
    case VALUE_TYPE.decimal:
      return decimalValue(reader.decimal());
    case VALUE_TYPE.float:
      return floatValue(reader.float32());
    case VALUE_TYPE.double:
      return { type: 'double', value: reader.float64() };
    case VALUE_TYPE.text:
      return { type: 'text', value: reader.text() };
    case VALUE_TYPE.blob:
      return { type: 'blob', value: reader.blob() };
    case VALUE_TYPE.ipv4:
      return { type: 'ipv4', value: `${reader.u8()}.${reader.u8()}.${reader.u8()}.${reader.u8()}` };
    case VALUE_TYPE.list:
      return { type: 'list', value: readList(reader, depth) };
    case VALUE_TYPE.ints:
      return { type: 'ints', value: readNumbers(reader, 4, () => reader.int(4)) };
    case VALUE_TYPE.floats:
      return { type: 'floats', value: readNumbers(reader, 4, () => reader.float32()) };
    case VALUE_TYPE.longs:
      return { type: 'longs', value: readNumbers(reader, 8, () => reader.int64()) };
    case VALUE_TYPE.texts:
      return { type: 'texts', value: readTexts(reader) };
    case VALUE_TYPE.map:
      return { type: 'map', value: readMap(reader, depth) };
    default:
      reader.fail('value of unknown type');
      return NULL;
  }
}

/** A value that must be a map; null stands for an empty one. */
export function readMapValue(reader: ByteReader): LenaMap {
  switch (reader.u8()) {
    case VALUE_TYPE.null:
      return NO_ENTRIES;
    case VALUE_TYPE.map:
      return readMap(reader, 0);
    default:
      reader.fail('no map where one belongs');
      return NO_ENTRIES;
  }
}
