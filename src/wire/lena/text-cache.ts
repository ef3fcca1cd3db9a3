const LONGEST = 64;
/**
 * Direct-mapped: a text that hashes to a taken slot replaces it, so memory stays bounded whatever is sent. Names of
 * objects have a table of their own, for there are as many as servers.
 */
const WORDS = new Array<string>(2_048).fill('');
const NAMES = new Array<string>(65_536).fill('');

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function isSame(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] ?? 0) > 0x7f) return false;
  return true;
}

/** Of the length and five of the bytes: reading all of them costs as much as comparing them. */
function hashOfWord(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const quarter = length >> 2;
  let hash = length * 31 + (bytes[start] ?? 0);
  hash = (hash * 31 + (bytes[start + quarter] ?? 0)) | 0;
  hash = (hash * 31 + (bytes[start + (length >> 1)] ?? 0)) | 0;
  hash = (hash * 31 + (bytes[end - 1 - quarter] ?? 0)) | 0;
  return (hash * 31 + (bytes[end - 1] ?? 0)) | 0;
}
/** Names of objects differ in a digit in the middle. */
function hashOfName(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = (hash * 31 + (bytes[i] ?? 0)) | 0;
  return hash;
}

function textIn(table: string[], hash: number, range: readonly [Uint8Array, number, number]): string {
  const [bytes, start, end] = range;
  const slot = (hash ^ (hash >>> 15)) & (table.length - 1);
  const known = table[slot] ?? '';
  if (known.length === end - start && isSame(known, bytes, start)) return known;
  if (!isAscii(bytes, start, end)) return asBuffer(bytes).toString('utf8', start, end);
  const text = asBuffer(bytes).toString('latin1', start, end);
  table[slot] = text;
  return text;
}

/**
 * The UTF-8 text of a range that is not empty. Names of counters come again in every datagram: short ASCII ones are
 * returned as the same string each time, which costs no allocation and makes map look-ups cheap.
 */
export function internText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LONGEST) return asBuffer(bytes).toString('utf8', start, end);
  return textIn(WORDS, hashOfWord(bytes, start, end), [bytes, start, end]);
}
/** As {@link internText}, for the name of an object. */
export function internName(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LONGEST) return asBuffer(bytes).toString('utf8', start, end);
  return textIn(NAMES, hashOfName(bytes, start, end), [bytes, start, end]);
}
