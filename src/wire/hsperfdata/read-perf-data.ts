/** What an hsperfdata file holds: the JVM's own counters by their names, e.g. `sun.gc.collector.0.invocations`. */
export interface PerfData {
  readonly kind: 'perf-data';
  /** Longs; those beyond 2^53 are rounded. */
  readonly numbers: ReadonlyMap<string, number>;
  /** Strings as the JVM wrote them: untrusted, and they may hold secrets. */
  readonly texts: ReadonlyMap<string, string>;
  /** When a counter was last added, in ticks of the JVM's clock. */
  readonly modifiedTicks: number;
  /** Counters that found no room, in bytes; above zero some are missing. */
  readonly overflowBytes: number;
}
/** Why bytes are no readable hsperfdata; `beingWritten` passes by itself. */
export interface PerfDataReject {
  readonly kind: 'reject';
  readonly reason: string;
  readonly beingWritten?: true;
}

/** A JVM makes 32 KiB by default (`-XX:PerfDataMemorySize`). */
export const MAX_PERF_DATA_BYTES = 1_048_576;
const PROLOGUE_BYTES = 32;
const ENTRY_HEAD_BYTES = 20;
const MAX_ENTRIES = 8_192;
const MAX_NAME_BYTES = 256;
const MAX_TEXT_BYTES = 8_192;
const MAGIC = [0xca, 0xfe, 0xc0, 0xc0] as const;
const BIG_ENDIAN = 0;
const LITTLE_ENDIAN = 1;
const MAJOR_VERSION = 2;
const LONG = 0x4a;
const BYTE = 0x42;
const TWO_TO_32 = 4_294_967_296;

const reject = (reason: string): PerfDataReject => ({ kind: 'reject', reason });
const notYet = (reason: string): PerfDataReject => ({ kind: 'reject', reason, beingWritten: true });

interface Region {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly isLittle: boolean;
  /** End of what the JVM says it wrote. */
  readonly end: number;
}
interface Target {
  readonly numbers: Map<string, number>;
  readonly texts: Map<string, string>;
}

/** Bytes up to the terminating zero, at most `longest`; `undefined` where none ends there. */
function textAt({ bytes }: Region, start: number, limit: number): string | undefined {
  const zero = bytes.indexOf(0, start);
  const end = zero < 0 || zero > limit ? limit : zero;
  return bytes.toString('utf8', start, end);
}

const longAt = ({ view, isLittle }: Region, at: number): number => {
  const high = view.getInt32(isLittle ? at + 4 : at, isLittle);
  const low = view.getUint32(isLittle ? at : at + 4, isLittle);
  return high * TWO_TO_32 + low;
};

/** Takes one entry up; a name or value that does not lie within the entry makes the file unreadable. */
function readEntry(region: Region, at: number, target: Target): number | PerfDataReject {
  const { bytes, view, isLittle, end } = region;
  if (at + ENTRY_HEAD_BYTES > end) return reject('an entry lies beyond the end');
  const length = view.getInt32(at, isLittle);
  if (length < ENTRY_HEAD_BYTES || at + length > end) return reject('an entry has an impossible length');
  const nameOffset = view.getInt32(at + 4, isLittle);
  const vectorLength = view.getInt32(at + 8, isLittle);
  const type = bytes[at + 12];
  const dataOffset = view.getInt32(at + 16, isLittle);
  if (nameOffset < ENTRY_HEAD_BYTES || dataOffset <= nameOffset || dataOffset > length)
    return reject('an entry points beyond itself');
  const name = textAt(region, at + nameOffset, at + Math.min(dataOffset, nameOffset + MAX_NAME_BYTES)) ?? '';
  if (type === LONG && vectorLength === 0) {
    if (dataOffset + 8 > length) return reject('a value lies beyond its entry');
    target.numbers.set(name, longAt(region, at + dataOffset));
  } else if (type === BYTE && vectorLength > 0) {
    if (vectorLength > length - dataOffset) return reject('a text lies beyond its entry');
    const longest = Math.min(vectorLength, MAX_TEXT_BYTES);
    target.texts.set(name, textAt(region, at + dataOffset, at + dataOffset + longest) ?? '');
  }
  // Other types exist in the format, but no JVM writes them.
  return at + length;
}

function regionOf(bytes: Uint8Array): Region | PerfDataReject {
  if (bytes.length === 0) return notYet('empty');
  if (bytes.length > MAX_PERF_DATA_BYTES) return reject('larger than 1 MiB');
  if (bytes.length < PROLOGUE_BYTES) return reject('cut off');
  const order = bytes[4];
  // A JVM that starts has created the file, but not yet filled it.
  if (bytes.subarray(0, PROLOGUE_BYTES).every((byte) => byte === 0)) return notYet('being written');
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) return reject('no hsperfdata');
  if (order !== BIG_ENDIAN && order !== LITTLE_ENDIAN) return reject('an unknown byte order');
  if (bytes[5] !== MAJOR_VERSION) return reject('an unknown version of the format');
  if (bytes[7] !== 1) return notYet('being written');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = order === LITTLE_ENDIAN;
  const used = view.getInt32(8, isLittle);
  if (used < PROLOGUE_BYTES) return notYet('being written');
  if (used > bytes.length) return reject('cut off');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes: buffer, view, isLittle, end: used };
}

/** Decodes an hsperfdata file, format 2.0 (JDK 5 to 25), either byte order. Never throws. */
export function readPerfData(bytes: Uint8Array): PerfData | PerfDataReject {
  const region = regionOf(bytes);
  if ('kind' in region) return region;
  const { view, isLittle, end } = region;
  const entries = view.getInt32(28, isLittle);
  if (entries < 0 || entries > MAX_ENTRIES) return reject('an impossible number of entries');
  const target: Target = { numbers: new Map(), texts: new Map() };
  let at = view.getInt32(24, isLittle);
  if (at < PROLOGUE_BYTES || at > end) return reject('its entries lie beyond the end');
  for (let index = 0; index < entries; index++) {
    const next = readEntry(region, at, target);
    if (typeof next !== 'number') return next;
    at = next;
  }
  return {
    kind: 'perf-data',
    numbers: target.numbers,
    texts: target.texts,
    modifiedTicks: longAt(region, 16),
    overflowBytes: view.getInt32(12, isLittle),
  };
}
