const SLOTS = 2_048;
const LONGEST = 64;
/** Direct-mapped: a text that hashes to a taken slot replaces it, so memory stays bounded whatever is sent. */
const slots = new Array<string>(SLOTS).fill('');

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function isSame(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

/**
 * The UTF-8 text of a range. Names of counters and objects come again in every datagram: short ASCII ones are
 * returned as the same string each time, which costs no allocation and makes map look-ups cheap.
 */
export function internText(bytes: Uint8Array, start: number, end: number): string {
  const length = end - start;
  if (length > LONGEST) return asBuffer(bytes).toString('utf8', start, end);
  let hash = length;
  let isAscii = true;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte > 0x7f) isAscii = false;
    hash = (hash * 31 + byte) | 0;
  }
  if (!isAscii) return asBuffer(bytes).toString('utf8', start, end);
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  const known = slots[slot] ?? '';
  if (known.length === length && isSame(known, bytes, start)) return known;
  const text = asBuffer(bytes).toString('latin1', start, end);
  slots[slot] = text;
  return text;
}
