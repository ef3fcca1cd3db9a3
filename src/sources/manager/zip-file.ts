import { crc32, inflateRawSync } from 'node:zlib';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';

export interface ZipLimits {
  /** Of all that is unpacked, together. */
  readonly maxBytes: number;
  /** Folders included. */
  readonly maxEntries: number;
  /** Unpacked over packed size of one file. */
  readonly maxRatio: number;
}
/** One file of a zip, not yet unpacked. */
export interface ZipEntry {
  /** Checked: relative, without `..`, with `/` between its parts. */
  readonly path: string;
  /** Unpacked, as the directory says; `unpack` holds it to it. */
  readonly sizeBytes: number;
  /** Rejects what does not come out exactly as the directory says. */
  unpack(): Uint8Array;
}

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const HEADER_BYTES = 46;
const LOCAL_BYTES = 30;
const SIGNATURES = { end: 0x06054b50, header: 0x02014b50, local: 0x04034b50 } as const;
const STORED = 0;
const DEFLATED = 8;
const IS_ENCRYPTED = 0x1;
/** Marks sizes that stand elsewhere (zip64): far above every limit. */
const ELSEWHERE = 0xffff_ffff;
/** A small file of blanks packs better than any ratio allows; it can do no harm. */
const RATIO_FLOOR_BYTES = 1_024;

/**
 * Files of a zip, by its central directory. Nothing it says is believed: sizes bound the unpacking and must be met,
 * checksums are compared. Throws TEMPLATE_INVALID in words.
 */
export function readZip(bytes: Uint8Array, limits: ZipLimits): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, start, end } = findDirectory(view);
  if (count > limits.maxEntries)
    throw invalid(`it has ${count} entries, more than ${limits.maxEntries} are not read`);
  const entries: ZipEntry[] = [];
  const paths = new Set<string>();
  let total = 0;
  let at = start;
  for (let index = 0; index < count; index++) {
    if (at + HEADER_BYTES > end || view.getUint32(at, true) !== SIGNATURES.header)
      throw invalid('its directory is broken');
    const nameBytes = view.getUint16(at + 28, true);
    const next =
      at + HEADER_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw invalid('its directory is broken');
    const path = decodeName(bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + nameBytes));
    assertInside(path);
    if (paths.has(path)) throw invalid(`it holds ${cleanLine(path, 200)} twice`);
    paths.add(path);
    const entry = readHeader(view, at, path);
    total += entry.unpackedBytes;
    if (total > limits.maxBytes) throw invalid(`unpacked it is larger than ${limits.maxBytes} bytes`);
    if (entry.unpackedBytes > limits.maxRatio * Math.max(entry.packedBytes, RATIO_FLOOR_BYTES))
      throw invalid(`${cleanLine(path, 200)} is packed more than ${limits.maxRatio} times`);
    if (!path.endsWith('/')) {
      entries.push({
        path,
        sizeBytes: entry.unpackedBytes,
        unpack: () => unpack(bytes.subarray(0, start), entry),
      });
    } else if (entry.unpackedBytes > 0) throw invalid(`its folder ${cleanLine(path, 200)} has content`);
    at = next;
  }
  if (at !== end) throw invalid('its directory is broken');
  return entries;
}

interface Header {
  readonly path: string;
  readonly method: number;
  readonly checksum: number;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly localAt: number;
}

function findDirectory(view: DataView): {
  readonly count: number;
  readonly start: number;
  readonly end: number;
} {
  const first = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT_BYTES);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) !== SIGNATURES.end) continue;
    // A comment may hold the signature by chance; the true end tells its own length.
    if (at + END_BYTES + view.getUint16(at + 20, true) !== view.byteLength) continue;
    const count = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 12, true);
    const start = view.getUint32(at + 16, true);
    if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 8, true) !== count)
      throw invalid('it is a part of a split archive');
    if (start + size !== at) throw invalid('its directory is broken');
    return { count, start, end: at };
  }
  throw invalid(view.byteLength === 0 ? 'it is empty' : 'it is no zip, or was cut off');
}

function readHeader(view: DataView, at: number, path: string): Header {
  const header = {
    path,
    method: view.getUint16(at + 10, true),
    checksum: view.getUint32(at + 16, true),
    packedBytes: view.getUint32(at + 20, true),
    unpackedBytes: view.getUint32(at + 24, true),
    localAt: view.getUint32(at + 42, true),
  };
  const name = cleanLine(path, 200);
  if ((view.getUint16(at + 8, true) & IS_ENCRYPTED) !== 0) throw invalid(`${name} is encrypted`);
  if (header.method !== STORED && header.method !== DEFLATED)
    throw invalid(`${name} is packed in a way that is not read (${header.method})`);
  if (header.packedBytes === ELSEWHERE || header.unpackedBytes === ELSEWHERE || header.localAt === ELSEWHERE)
    throw invalid(`${name} is too large`);
  return header;
}

/** `body` is what stands before the directory: no file reaches into it. */
function unpack(body: Uint8Array, header: Header): Uint8Array {
  const { method, localAt, packedBytes, unpackedBytes } = header;
  const name = cleanLine(header.path, 200);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (localAt + LOCAL_BYTES > body.byteLength || view.getUint32(localAt, true) !== SIGNATURES.local)
    throw invalid(`${name} is not where its directory says`);
  const from =
    localAt + LOCAL_BYTES + view.getUint16(localAt + 26, true) + view.getUint16(localAt + 28, true);
  if (from + packedBytes > body.byteLength) throw invalid(`${name} is cut off`);
  const packed = body.subarray(from, from + packedBytes);
  const content = method === STORED ? packed.slice() : inflate(packed, unpackedBytes, name);
  if (content.byteLength !== unpackedBytes) throw invalid(`${name} is not as large as its directory says`);
  if (crc32(content) !== header.checksum) throw invalid(`${name} does not match its checksum`);
  return content;
}

function inflate(packed: Uint8Array, sizeBytes: number, name: string): Uint8Array {
  try {
    // Stops at the first byte more than promised, whatever the file holds.
    const content = inflateRawSync(packed, { maxOutputLength: Math.max(sizeBytes, 1) });
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  } catch (error) {
    throw invalid(`${name} is broken or larger than its directory says`, error);
  }
}

/** Zips name their files in UTF-8, or on older Korean Windows in EUC-KR. */
function decodeName(bytes: Uint8Array): string {
  for (const encoding of ['utf-8', 'euc-kr']) {
    try {
      return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      // Not this one.
    }
  }
  throw invalid('a file name in it is not readable');
}

function assertInside(path: string): void {
  const parts = path.replace(/\/$/, '').split('/');
  const isOutside =
    path.includes('\\') ||
    path.includes('\0') ||
    /^[a-z]:/i.test(path) ||
    parts.some((part) => part === '' || part === '.' || part === '..');
  if (isOutside) throw invalid(`it holds a path that leads outside: ${cleanLine(path, 200)}`);
}

const invalid = (why: string, cause?: unknown) =>
  appError('TEMPLATE_INVALID', `The template zip is not usable: ${why}`, { cause });
