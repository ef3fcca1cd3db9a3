import { closeSync, createReadStream, constants as files, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import { AppError, describeThrown, systemCode } from '../core/app-error.ts';
import type { DumpContent } from '../diagnosis/thread-dump/dump-content.ts';
import { readDump } from '../diagnosis/thread-dump/read-dump.ts';
import { appError } from '../domain/errors.ts';

export interface DumpFileReading {
  /** Said in errors; @default the path */
  readonly name?: string | undefined;
  /** Bytes of the file taken so far. */
  readonly onProgress?: ((readBytes: number) => void) | undefined;
}

const GZIP = [0x1f, 0x8b] as const;
const CHUNK_BYTES = 1_048_576;
/** Far above any dump: an archive made to fill a disk stops there, and a stream that never ends. */
const MAX_BYTES = 4 * 1_073_741_824;
const MAX_WORDS = `${MAX_BYTES / 1_073_741_824} GiB`;

/**
 * Reads one dump as a stream, unpacked where it is gzip by its first bytes. Rejects with NOT_FOUND, PERMISSION_DENIED,
 * NOT_A_DUMP (a folder, a pipe's end, something else than a dump, a damaged archive), or the signal's reason.
 */
export async function readDumpFile(
  path: string,
  { name = path, onProgress }: DumpFileReading,
  signal: AbortSignal,
): Promise<DumpContent> {
  const about = await stat(path).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  if (about.isDirectory())
    throw appError('NOT_A_DUMP', `${name} is a directory`, {
      hint: `Name the files in it, e.g. ${name.replace(/\/+$/, '')}/*_tdump.txt.`,
    });
  if (about.isCharacterDevice() || about.isBlockDevice())
    throw appError('NOT_A_DUMP', `${name} is a device`, { hint: 'Name a file, or `-` for standard input.' });
  const file = about.isFIFO() ? openPipe(path, name) : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  return await readDumpStream(file, { name, onProgress }, signal);
}

/** To open a pipe nobody writes to would wait, and hold the program when it is told to end. */
function openPipe(path: string, name: string): Socket {
  let fd: number;
  try {
    fd = openSync(path, files.O_RDONLY | files.O_NONBLOCK);
  } catch (error) {
    throw unreadable(name, error);
  }
  try {
    return new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    closeSync(fd);
    throw unreadable(name, error);
  }
}

/** The same of standard input or any other stream, which is ended with the reading. */
export async function readDumpStream(
  stream: NodeJS.ReadableStream & AsyncIterable<Uint8Array | string>,
  { name = 'standard input', onProgress }: DumpFileReading,
  signal: AbortSignal,
): Promise<DumpContent> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const reading = readDump(unpacked(counted(stream, onProgress), signal), { name }, signal);
    // Who writes to a pipe may say nothing for ever.
    return await Promise.race([reading, aborted.promise]);
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(name, error);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function* counted(
  stream: AsyncIterable<Uint8Array | string>,
  onProgress: ((readBytes: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let readBytes = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    readBytes += bytes.length;
    if (readBytes > MAX_BYTES)
      throw appError('DUMP_TOO_LARGE', `more than ${MAX_WORDS} came, and no dump is that large`, {
        hint: 'See what it is with `head`; of a long log name the part with the dumps.',
      });
    onProgress?.(readBytes);
    if (bytes.length > 0) yield bytes;
  }
}

async function* unpacked(
  chunks: AsyncGenerator<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { value: first } = await chunks.next();
  if (first === undefined) return;
  const rest = (async function* (): AsyncGenerator<Uint8Array> {
    yield first;
    yield* chunks;
  })();
  if (first[0] !== GZIP[0] || first[1] !== GZIP[1]) {
    yield* rest;
    return;
  }
  // What a cut archive holds is worth reading: the dump then ends in the middle, and says so.
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES / 4, finishFlush: constants.Z_SYNC_FLUSH });
  // Its failure reaches the reader through gunzip itself.
  const piped = pipeline(Readable.from(rest, { objectMode: false }), gunzip, { signal, end: true }).catch(
    () => {},
  );
  let unpackedBytes = 0;
  for await (const chunk of gunzip) {
    unpackedBytes += chunk.length;
    if (unpackedBytes > MAX_BYTES)
      throw appError('DUMP_TOO_LARGE', `it unpacks to more than ${MAX_WORDS}`, {
        hint: 'No dump is that large: see what it holds with `gzip -dc FILE | head`.',
      });
    yield chunk;
  }
  await piped;
}

function unreadable(name: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return appError('NOT_FOUND', `there is no file ${name}`, {
        hint: 'Check the path; `-` reads standard input.',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return appError('PERMISSION_DENIED', `${name} may not be read by this user`, {
        hint: 'Read it as its owner, or copy it.',
        cause: error,
      });
    case 'EISDIR':
      return appError('NOT_A_DUMP', `${name} is a directory`, { cause: error });
    case 'Z_DATA_ERROR':
      return appError('NOT_A_DUMP', `${name} is a damaged gzip file: ${describeThrown(error)}`, {
        hint: 'Copy it again, or unpack what is left of it with `gzip -dc`.',
        cause: error,
      });
    default:
      return appError('NOT_A_DUMP', `${name} could not be read: ${describeThrown(error)}`, { cause: error });
  }
}
