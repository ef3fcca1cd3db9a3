import { internName, internText } from './text-cache.ts';
import { LIMIT } from './value-type.ts';

const TWO_32 = 0x1_0000_0000;
/** One scratch number for floats: cheaper than a DataView for each datagram. */
const scratch = new DataView(new ArrayBuffer(8));
const EMPTY = new Uint8Array(0);

export interface EntryLimits {
  /** Of one list or map. */
  readonly entries: number;
  /** Of all together. */
  readonly allEntries: number;
}

/**
 * Reads big-endian primitives without ever throwing: the first impossible read sets `failure`, and everything read
 * after it is zero or empty. Whoever loops looks at `failure`.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position: number;
  /** Why the bytes are not what they should be; the wording never holds bytes of the datagram. */
  failure: string | undefined = undefined;

  readonly #maxEntries: number;
  #entriesLeft: number;

  constructor(bytes: Uint8Array, start = 0, limits?: EntryLimits) {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#position = start;
    this.#maxEntries = limits?.entries ?? LIMIT.entries;
    this.#entriesLeft = limits?.allEntries ?? bytes.length;
  }
  get position(): number {
    return this.#position;
  }
  get remaining(): number {
    return this.#end - this.#position;
  }
  fail(reason: string): void {
    this.failure ??= `${reason} at byte ${this.#position}`;
    this.#position = this.#end;
  }
  /** Room for so many entries of one list or map, each of at least `entryBytes`; false where that is a lie. */
  hasEntries(count: number, entryBytes: number): boolean {
    const isPossible = count >= 0 && count <= this.#maxEntries && count * entryBytes <= this.remaining;
    if (!isPossible || count > this.#entriesLeft) return false;
    this.#entriesLeft -= count;
    return true;
  }
  /** Leaves out everything that is left and tells how much that was. */
  skipRest(): number {
    const skipped = this.remaining;
    this.#position = this.#end;
    return skipped;
  }
  u8(): number {
    if (this.#position >= this.#end) {
      this.fail('cut');
      return 0;
    }
    return this.#bytes[this.#position++] ?? 0;
  }
  /** Signed, `size` 1 to 5 bytes. */
  int(size: number): number {
    if (this.remaining < size) {
      this.fail('cut');
      return 0;
    }
    let value = ((this.#bytes[this.#position++] ?? 0) << 24) >> 24;
    for (let i = 1; i < size; i++) value = value * 256 + (this.#bytes[this.#position++] ?? 0);
    return value;
  }
  u16(): number {
    return this.int(2) & 0xffff;
  }
  /** Signed 64 bits, clamped to what a number holds exactly. */
  int64(): number {
    const high = this.int(4);
    const value = high * TWO_32 + (this.int(4) >>> 0);
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
  }
  /** Signed 64 bits, exact. */
  bigInt64(): bigint {
    scratch.setInt32(0, this.int(4));
    scratch.setInt32(4, this.int(4));
    return scratch.getBigInt64(0);
  }
  float32(): number {
    scratch.setInt32(0, this.int(4));
    return scratch.getFloat32(0);
  }
  float64(): number {
    scratch.setInt32(0, this.int(4));
    scratch.setInt32(4, this.int(4));
    return scratch.getFloat64(0);
  }
  decimal(): number {
    const size = this.u8();
    if (size === 0) return 0;
    if (size <= 5) return this.int(size);
    if (size === 8) return this.int64();
    this.fail('number of impossible size');
    return 0;
  }
  #blobLength(): number {
    const first = this.u8();
    const length = first === 255 ? this.u16() : first === 254 ? this.int(4) : first;
    if (length >= 0 && length <= this.remaining) return length;
    this.fail('cut');
    return 0;
  }
  /** A copy: the datagram's memory is not held. */
  blob(): Uint8Array {
    const length = this.#blobLength();
    if (length === 0) return EMPTY;
    const start = this.#position;
    this.#position += length;
    return new Uint8Array(this.#bytes.subarray(start, this.#position));
  }
  /** UTF-8; a broken sequence becomes U+FFFD. */
  text(): string {
    const length = this.#blobLength();
    if (length === 0) return '';
    const start = this.#position;
    this.#position += length;
    return internText(this.#bytes, start, this.#position);
  }
  /** As {@link text}, for the name of an object. */
  name(): string {
    const length = this.#blobLength();
    if (length === 0) return '';
    const start = this.#position;
    this.#position += length;
    return internName(this.#bytes, start, this.#position);
  }
}
