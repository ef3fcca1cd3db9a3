/** What an advertiser says once it is connected: who it is, by a number. */
export const LENA_GREETING_BYTES = 8;
export const LENA_TCP_MAGIC: readonly number[] = [0xca, 0xfe, 0x10, 0x02];

/** CRC-32 of its objName, signed; `undefined` for what is no greeting. The bytes are exactly those of a greeting. */
export function decodeLenaGreeting(bytes: Uint8Array): number | undefined {
  if (bytes.length !== LENA_GREETING_BYTES || LENA_TCP_MAGIC.some((byte, i) => bytes[i] !== byte)) {
    return undefined;
  }
  return Buffer.from(bytes).readInt32BE(LENA_TCP_MAGIC.length);
}

export function encodeLenaGreeting(objHash: number): Uint8Array {
  const bytes = Buffer.alloc(LENA_GREETING_BYTES);
  bytes.set(LENA_TCP_MAGIC);
  bytes.writeInt32BE(objHash | 0, LENA_TCP_MAGIC.length);
  return bytes;
}
