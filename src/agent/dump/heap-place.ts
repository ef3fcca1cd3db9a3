import { constants } from 'node:fs';
import { access, readlink, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../core/app-error.ts';
import { sizeText } from '../../core/size-text.ts';
import type { HeapRoom } from '../../domain/dump-way.ts';
import { appError } from '../../domain/errors.ts';
import { readAttachStatus } from '../attach/attach-target.ts';
import { insideProcess } from '../proc/process-root.ts';
import type { DumpServer } from './dump-job.ts';

/** File systems that are memory: a heap there would kill the very JVM it is of. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x0102_1994, 0x8584_58f6]);
const WRITE = { owner: 0o200, group: 0o020, others: 0o002 };
/** Classes, stacks and the heads of objects come on top of the heap. */
const MORE_THAN_HEAP = 1.1;
const LEAST_BYTES = 16_777_216;

/** How many bytes a heap dump will have at most; `undefined` where the heap is not known. */
export const neededBytesOf = ({ heap }: DumpServer): number | undefined =>
  heap?.committed === undefined ? undefined : Math.ceil(heap.committed * MORE_THAN_HEAP) + LEAST_BYTES;

/**
 * The folder, as the JVM sees it, where it can write its heap: the one with the most room. Rejects with DISK_FULL where
 * none has enough, with DUMP_FAILED where none can be written to or the heap's size is not known.
 */
export async function findHeapPlace(server: DumpServer): Promise<HeapRoom> {
  const neededBytes = neededBytesOf(server);
  if (neededBytes === undefined)
    throw appError(
      'DUMP_FAILED',
      `the size of the heap of ${server.id} is not known, so neither is the room it needs`,
      {
        hint: 'Wait until the agent has read its figures, then take the dump again.',
      },
    );
  const usedBytes = server.heap?.used;
  const used = usedBytes === undefined ? {} : { usedBytes };
  const places: HeapRoom[] = [];
  let inMemory = 0;
  for (const folder of await candidatesOf(server)) {
    const found = await lookAt(server, folder);
    if (found === 'memory') inMemory++;
    else if (found !== undefined) places.push({ folder, freeBytes: found, neededBytes, ...used });
  }
  const [best] = places.toSorted((a, b) => b.freeBytes - a.freeBytes);
  if (best === undefined)
    throw appError(
      'DUMP_FAILED',
      `process ${server.target.pid} has no folder on a disk to write its heap to${inMemory > 0 ? ' (its /tmp is memory)' : ''}`,
      { hint: 'Give it a writable /tmp on a disk (an emptyDir without medium: Memory).' },
    );
  if (best.freeBytes >= neededBytes) return best;
  throw appError(
    'DISK_FULL',
    `${best.folder} of process ${server.target.pid} has ${sizeText(best.freeBytes)} free; its heap may need ${sizeText(neededBytes)}`,
    { hint: 'Nothing was done: free space on that server, or give its container a larger disk.' },
  );
}

async function candidatesOf({ target: { proc, pid } }: DumpServer): Promise<readonly string[]> {
  const own = await readlink(path.join(proc, `${pid}`, 'cwd')).catch(() => undefined);
  const folders = ['/tmp', '/var/tmp', ...(own?.startsWith('/') === true ? [own] : [])];
  // The JVM takes a path of at most a thousand bytes.
  return [...new Set(folders)].filter((folder) => folder.length < 512);
}

/** Free bytes, `memory`, or nothing where the JVM cannot write. */
async function lookAt({ target }: DumpServer, folder: string): Promise<number | 'memory' | undefined> {
  const { uid, gid } = readAttachStatus(target);
  const place = insideProcess(target.proc, target.pid, folder);
  try {
    const facts = await stat(place);
    const needed = facts.uid === uid ? WRITE.owner : facts.gid === gid ? WRITE.group : WRITE.others;
    if (!facts.isDirectory() || (uid !== 0 && (facts.mode & needed) === 0)) return undefined;
    // A container's own root may be read-only, whoever asks.
    if (await isReadOnly(place)) return undefined;
    const { type, bavail, bsize } = await statfs(place);
    return IN_MEMORY.has(type) ? 'memory' : bavail * bsize;
  } catch {
    return undefined;
  }
}

const isReadOnly = (place: string): Promise<boolean> =>
  access(place, constants.W_OK).then(
    () => false,
    (thrown: unknown) => systemCode(thrown) === 'EROFS',
  );
