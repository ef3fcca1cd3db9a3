/** Values of one hsperfdata file by name: numbers as longs, texts as byte vectors. */
export type PerfValues = Readonly<Record<string, number | string>>;

export interface PerfFileOptions {
  readonly isBigEndian?: boolean;
  readonly isAccessible?: boolean;
  readonly overflowBytes?: number;
  readonly modifiedTicks?: number;
  /** Size of the whole file; what is not used is zero. */
  readonly fileBytes?: number;
}

const PROLOGUE_BYTES = 32;
const ENTRY_HEAD_BYTES = 20;

/** Lays values out as HotSpot's perfMemory does: prologue, then entries of head, name, padding and data. */
export function perfFileOf(values: PerfValues, options: PerfFileOptions = {}): Buffer {
  const { isBigEndian = false, isAccessible = true, overflowBytes = 0, modifiedTicks = 0 } = options;
  const int = (buffer: Buffer, value: number, at: number) =>
    isBigEndian ? buffer.writeInt32BE(value, at) : buffer.writeInt32LE(value, at);
  const long = (buffer: Buffer, value: number, at: number) =>
    isBigEndian ? buffer.writeBigInt64BE(BigInt(value), at) : buffer.writeBigInt64LE(BigInt(value), at);
  const entries = Object.entries(values).map(([name, value]) => {
    const nameBytes = Buffer.from(`${name}\0`);
    const dataOffset = Math.ceil((ENTRY_HEAD_BYTES + nameBytes.length) / 8) * 8;
    const data = Buffer.alloc(typeof value === 'number' ? 8 : Buffer.byteLength(value) + 1);
    if (typeof value === 'number') long(data, value, 0);
    else data.write(value, 0);
    const entry = Buffer.alloc(Math.ceil((dataOffset + data.length) / 8) * 8);
    int(entry, entry.length, 0);
    int(entry, ENTRY_HEAD_BYTES, 4);
    int(entry, typeof value === 'number' ? 0 : data.length, 8);
    entry.writeUInt8((typeof value === 'number' ? 'J' : 'B').charCodeAt(0), 12);
    int(entry, dataOffset, 16);
    nameBytes.copy(entry, ENTRY_HEAD_BYTES);
    data.copy(entry, dataOffset);
    return entry;
  });
  const used = PROLOGUE_BYTES + entries.reduce((sum, entry) => sum + entry.length, 0);
  const prologue = Buffer.alloc(PROLOGUE_BYTES);
  prologue.writeUInt32BE(0xcafe_c0c0, 0);
  prologue.writeUInt8(isBigEndian ? 0 : 1, 4);
  prologue.writeUInt8(2, 5);
  prologue.writeUInt8(isAccessible ? 1 : 0, 7);
  int(prologue, used, 8);
  int(prologue, overflowBytes, 12);
  long(prologue, modifiedTicks, 16);
  int(prologue, PROLOGUE_BYTES, 24);
  int(prologue, entries.length, 28);
  const room = Buffer.alloc(Math.max(0, (options.fileBytes ?? used) - used));
  return Buffer.concat([prologue, ...entries, room]);
}

const MIB = 1_048_576;

/** What a Serial JVM 17 writes, a second after its start. */
export const SERIAL_17: PerfValues = {
  'sun.os.hrt.frequency': 1_000_000_000,
  'sun.os.hrt.ticks': 1_000_000_000,
  'java.property.java.version': '17.0.13',
  'java.property.java.vm.version': '17.0.13+11',
  'java.rt.vmArgs': '-Xmx128m -XX:+UseSerialGC',
  'sun.rt.javaCommand': 'com.example.shop.Shop --key=abc',
  'sun.rt.createVmBeginTime': 1_700_000_000_000,
  'sun.gc.policy.name': 'Copy:MSC',
  'sun.gc.cause': 'No GC',
  'sun.gc.lastCause': 'Allocation Failure',
  'sun.gc.generation.0.maxCapacity': 44 * MIB,
  'sun.gc.generation.0.space.0.used': 10 * MIB,
  'sun.gc.generation.0.space.0.capacity': 35 * MIB,
  'sun.gc.generation.0.space.0.maxCapacity': 35 * MIB,
  'sun.gc.generation.0.space.1.used': MIB,
  'sun.gc.generation.0.space.1.capacity': 4 * MIB,
  'sun.gc.generation.0.space.1.maxCapacity': 4 * MIB,
  'sun.gc.generation.0.space.2.used': 0,
  'sun.gc.generation.0.space.2.capacity': 4 * MIB,
  'sun.gc.generation.0.space.2.maxCapacity': 4 * MIB,
  'sun.gc.generation.1.name': 'old',
  'sun.gc.generation.1.maxCapacity': 84 * MIB,
  'sun.gc.generation.1.space.0.used': 30 * MIB,
  'sun.gc.generation.1.space.0.capacity': 84 * MIB,
  'sun.gc.generation.1.space.0.maxCapacity': 84 * MIB,
  'sun.gc.collector.0.name': 'Serial young collection pauses',
  'sun.gc.collector.0.invocations': 5,
  'sun.gc.collector.0.time': 20_500_000,
  'sun.gc.collector.0.lastEntryTime': 900_000_000,
  'sun.gc.collector.0.lastExitTime': 904_000_000,
  'sun.gc.collector.1.name': 'Serial full collection pauses',
  'sun.gc.collector.1.invocations': 1,
  'sun.gc.collector.1.time': 50_000_000,
  'sun.gc.collector.1.lastEntryTime': 500_000_000,
  'sun.gc.collector.1.lastExitTime': 550_000_000,
  'sun.gc.metaspace.used': 9 * MIB,
  'sun.gc.metaspace.capacity': 10 * MIB,
  'sun.gc.metaspace.maxCapacity': 1_088 * MIB,
  'sun.gc.compressedclassspace.used': MIB,
  'sun.gc.compressedclassspace.capacity': 2 * MIB,
  'sun.gc.compressedclassspace.maxCapacity': 1_024 * MIB,
  'java.threads.live': 12,
  'java.threads.livePeak': 14,
  'java.threads.daemon': 10,
  'java.cls.loadedClasses': 1_500,
  'java.cls.sharedLoadedClasses': 800,
  'java.cls.unloadedClasses': 20,
  'java.cls.sharedUnloadedClasses': 0,
};
