const MAX_INT = { 1: 0x7f, 2: 0x7fff, 3: 0x7f_ffff, 4: 0x7fff_ffff, 5: 0x7f_ffff_ffff } as const;

/** Writes big-endian primitives into memory that grows. */
export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafe(1_024);
  #length = 0;

  #reserve(size: number): number {
    const start = this.#length;
    const needed = start + size;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    this.#length = needed;
    return start;
  }
  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }
  u8(value: number): void {
    const start = this.#reserve(1);
    this.#bytes[start] = value & 0xff;
  }
  /** Signed, 1 to 5 bytes. */
  int(value: number, size: 1 | 2 | 3 | 4 | 5): void {
    const start = this.#reserve(size);
    this.#bytes.writeIntBE(value, start, size);
  }
  int64(value: number): void {
    this.bigInt64(BigInt(value));
  }
  bigInt64(value: bigint): void {
    const start = this.#reserve(8);
    this.#bytes.writeBigInt64BE(value, start);
  }
  float32(value: number): void {
    const start = this.#reserve(4);
    this.#bytes.writeFloatBE(value, start);
  }
  float64(value: number): void {
    const start = this.#reserve(8);
    this.#bytes.writeDoubleBE(value, start);
  }
  /** In the fewest bytes of 0, 1, 2, 3, 4, 5, 8; fractions are cut. */
  decimal(value: number): void {
    const whole = Number.isFinite(value) ? Math.trunc(value) : 0;
    if (whole === 0) {
      this.u8(0);
      return;
    }
    for (const size of [1, 2, 3, 4, 5] as const) {
      if (whole <= MAX_INT[size] && whole >= -MAX_INT[size] - 1) {
        this.u8(size);
        this.int(whole, size);
        return;
      }
    }
    this.u8(8);
    this.int64(whole);
  }
  blob(value: Uint8Array): void {
    if (value.length <= 253) this.u8(value.length);
    else if (value.length <= 0xffff) {
      this.u8(255);
      const start = this.#reserve(2);
      this.#bytes.writeUInt16BE(value.length, start);
    } else {
      this.u8(254);
      this.int(value.length, 4);
    }
    this.raw(value);
  }
  text(value: string): void {
    this.blob(Buffer.from(value, 'utf8'));
  }
  raw(value: Uint8Array): void {
    const start = this.#reserve(value.length);
    this.#bytes.set(value, start);
  }
}
