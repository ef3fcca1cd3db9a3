import type { ByteWriter } from './byte-writer.ts';
import type { LenaMap, LenaValue } from './pack.ts';
import { VALUE_TYPE } from './value-type.ts';

function writeNumbers(writer: ByteWriter, values: readonly number[], write: (value: number) => void): void {
  writer.int(values.length, 2);
  for (const value of values) write(value);
}

function writeEntries(writer: ByteWriter, map: LenaMap): void {
  writer.decimal(map.size);
  for (const [key, value] of map) {
    writer.text(key);
    writeValue(writer, value);
  }
}

/** One value with its type byte. */
export function writeValue(writer: ByteWriter, value: LenaValue): void {
  writer.u8(VALUE_TYPE[value.type]);
  switch (value.type) {
    case 'null':
      return;
    case 'boolean':
      writer.u8(value.value ? 1 : 0);
      return;
    case 'decimal':
      writer.decimal(value.value);
      return;
    case 'float':
      writer.float32(value.value);
      return;
    case 'double':
      writer.float64(value.value);
      return;
    case 'text':
      writer.text(value.value);
      return;
    case 'blob':
      writer.blob(value.value);
      return;
    case 'ipv4':
      for (const part of value.value.split('.').slice(0, 4)) writer.u8(Number(part));
      return;
    case 'list':
      writer.decimal(value.value.length);
      for (const item of value.value) writeValue(writer, item);
      return;
    case 'ints':
      writeNumbers(writer, value.value, (item) => writer.int(item, 4));
      return;
    case 'floats':
      writeNumbers(writer, value.value, (item) => writer.float32(item));
      return;
    case 'longs':
      writeNumbers(writer, value.value, (item) => writer.int64(item));
      return;
    case 'texts':
      writer.int(value.value.length, 2);
      for (const item of value.value) writer.text(item);
      return;
    case 'map':
      writeEntries(writer, value.value);
      return;
  }
}
