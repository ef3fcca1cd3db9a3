import type { FileHandle } from 'node:fs/promises';
import { type Clock, sleep } from '../../core/clock.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import { attach } from '../attach/attach-jvm.ts';
import { type AttachCommand, commandText } from '../attach/attach-socket.ts';
import type { DumpJob, DumpMaker } from './dump-job.ts';
import { HeapFile } from './heap-file.ts';
import { findHeapPlace } from './heap-place.ts';

const LOOK_EVERY_MS = 500;
const REPORT_EVERY_BYTES = 16_777_216;
const PIECE_BYTES = 262_144;
/** A JVM that writes its heap stands still; whoever waits may give up, the JVM does not. */
const LONGEST_MS = 900_000;
const MAX_WORDS = 2_000;

/** Lets the JVM write its heap where there is room for it, passes the file on and leaves nothing. */
export const heapMaker =
  (clock: Clock): DumpMaker =>
  async (job) => {
    const { server, isLive, maxBytes, signal } = job;
    const { used } = server.heap ?? {};
    if (!isLive && used !== undefined && used > maxBytes)
      throw appError(
        'DUMP_TOO_LARGE',
        `the heap of ${server.id} holds ${used} bytes, more than the ${maxBytes} taken`,
      );
    const place = await findHeapPlace(server);
    const file = await HeapFile.in(server, place.folder);
    const command: AttachCommand = { name: 'dumpheap', args: [file.path, isLive ? '-live' : '-all'] };
    let isWriting = true;
    const written = writeHeap(job, command, clock).finally(() => {
      isWriting = false;
    });
    // It may end after nobody waits for it any more.
    written.catch(() => undefined);
    let opened: FileHandle | undefined;
    try {
      await Promise.race([written, watch(job, file, clock, () => isWriting)]);
      signal.throwIfAborted();
      opened = await file.open();
      await passOn(opened, job);
      return { how: commandText(command), missing: [] };
    } finally {
      await opened?.close();
      const cleared = file.clear(clock, () => isWriting).finally(() => file.close());
      if (isWriting) job.linger(cleared);
      else await cleared;
    }
  };

/** Resolves when the JVM says that it is done. */
async function writeHeap({ server }: DumpJob, command: AttachCommand, clock: Clock): Promise<void> {
  let words = '';
  for await (const bytes of attach(server.target, command, AbortSignal.timeout(LONGEST_MS), { clock }))
    if (words.length < MAX_WORDS) words += Buffer.from(bytes).toString('utf8');
  // HotSpot says so in words only; its code is 0 even where it could not write.
  if (/heap dump file created/i.test(words)) return;
  const said = cleanLine(words.trim().split('\n').at(-1) ?? '', 300);
  throw appError('DUMP_FAILED', `the JVM could not write its heap: ${said || 'it does not say why'}`);
}

/** Tells how far the JVM is; resolves when it has written all, rejects when the dump is given up. */
async function watch(job: DumpJob, file: HeapFile, clock: Clock, isWriting: () => boolean): Promise<void> {
  while (isWriting()) {
    job.signal.throwIfAborted();
    job.report(0, (await file.sizeBytes()) || undefined);
    await sleep(clock, LOOK_EVERY_MS, job.signal);
  }
  // Whether it went well is for the other one to say.
  await new Promise<never>(() => undefined);
}

async function passOn(file: FileHandle, { write, report, maxBytes, signal }: DumpJob): Promise<void> {
  const { size } = await file.stat();
  if (size > maxBytes)
    throw appError('DUMP_TOO_LARGE', `the heap dump has ${size} bytes, more than the ${maxBytes} taken`);
  let reported = 0;
  report(0, size);
  for (let at = 0; at < size; ) {
    signal.throwIfAborted();
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    await write(buffer.subarray(0, bytesRead));
    if (at - reported < REPORT_EVERY_BYTES) continue;
    reported = at;
    report(at, size);
  }
}
