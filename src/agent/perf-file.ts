import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { systemCode } from '../core/app-error.ts';
import { MAX_PERF_DATA_BYTES } from '../wire/hsperfdata/read-perf-data.ts';
import type { ProcessEntry } from './proc/process-entry.ts';
import { insideProcess } from './proc/process-root.ts';

/** Why a JVM's file cannot be read: `missing` may still come, `denied` needs other rights, `foreign` is refused. */
export interface PerfFileProblem {
  readonly kind: 'missing' | 'denied' | 'foreign';
  readonly why: string;
}

const MISSING: PerfFileProblem = { kind: 'missing', why: 'there is no hsperfdata file' };
const NAME = /^hsperfdata_[^/]{1,255}$/;
const MAX_FOLDERS = 256;
const WRITABLE_BY_OTHERS = 0o022;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** A pipe must not hold us, and a link is not followed. */
const FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens what lies right in an open folder: the folder cannot be exchanged on the way. */
const openIn = (folder: FileHandle, name: string, flags: number): Promise<FileHandle> =>
  open(`/proc/self/fd/${folder.fd}/${name}`, flags);

const problemOf = (thrown: unknown): PerfFileProblem => {
  const code = systemCode(thrown);
  if (code === 'EACCES' || code === 'EPERM') {
    const why =
      process.getuid?.() === 0
        ? 'its files are closed to this root, which has no CAP_SYS_PTRACE'
        : 'its files are another user’s';
    return { kind: 'denied', why };
  }
  if (code === 'ELOOP' || code === 'ENOTDIR')
    return { kind: 'foreign', why: 'its /tmp or its file there is a link, which is not followed' };
  return MISSING;
};

async function openFolder(parent: FileHandle, name: string, uid: number): Promise<FileHandle | undefined> {
  const folder = await openIn(parent, name, FOLDER);
  const { uid: owner, mode } = await folder.stat();
  // As the JVM itself demands of it; in another's folder anybody's file could lie.
  if ((owner === uid || owner === 0) && (mode & WRITABLE_BY_OTHERS) === 0) return folder;
  await folder.close();
  return undefined;
}

async function openFile(
  folder: FileHandle,
  { innerPid, uid }: ProcessEntry,
): Promise<FileHandle | PerfFileProblem> {
  const file = await openIn(folder, `${innerPid}`, FILE);
  const found = await file.stat();
  const isFile = found.isFile();
  const { uid: owner, size } = found;
  if (isFile && owner === uid && size <= MAX_PERF_DATA_BYTES) return file;
  await file.close();
  const why = !isFile
    ? 'its hsperfdata file is no plain file'
    : owner === uid
      ? 'its hsperfdata file is larger than any JVM’s'
      : 'its hsperfdata file is not its own user’s';
  return { kind: 'foreign', why };
}

async function findIn(temporary: FileHandle, entry: ProcessEntry): Promise<FileHandle | PerfFileProblem> {
  let problem: PerfFileProblem = MISSING;
  const names = (await readdir(`/proc/self/fd/${temporary.fd}`)).filter((name) => NAME.test(name));
  for (const name of names.slice(0, MAX_FOLDERS)) {
    let folder: FileHandle | undefined;
    try {
      folder = await openFolder(temporary, name, entry.uid);
      if (folder === undefined) continue;
      const found = await openFile(folder, entry);
      if (!('kind' in found)) return found;
      problem = found;
    } catch (thrown) {
      const next = problemOf(thrown);
      if (next.kind !== 'missing' && problem.kind === 'missing') problem = next;
    } finally {
      await folder?.close();
    }
  }
  return problem;
}

async function openBelow(folder: string, entry: ProcessEntry): Promise<FileHandle | PerfFileProblem> {
  let temporary: FileHandle | undefined;
  try {
    temporary = await open(folder, FOLDER);
    return await findIn(temporary, entry);
  } catch (thrown) {
    return problemOf(thrown);
  } finally {
    await temporary?.close();
  }
}

export interface PerfFilePlaces {
  readonly proc: string;
  /** Our own /tmp: the process may share it although its root is closed to us. */
  readonly temporary: string;
}

/**
 * Opens the hsperfdata file of a process, in the /tmp that process sees. The handle stays on this very file: what is
 * put in its place later is not read.
 */
export async function openPerfFile(
  { proc, temporary }: PerfFilePlaces,
  entry: ProcessEntry,
): Promise<FileHandle | PerfFileProblem> {
  const theirs = await openBelow(insideProcess(proc, entry.pid, '/tmp'), entry);
  if (!('kind' in theirs) || theirs.kind === 'foreign') return theirs;
  const ours = await openBelow(temporary, entry);
  return 'kind' in ours && ours.kind === 'missing' ? theirs : ours;
}

/** The whole file, into a buffer that is used again; `undefined` where it cannot be read any more. */
export async function readWhole(file: FileHandle, buffer: Buffer): Promise<Buffer | undefined> {
  let length = 0;
  try {
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } catch {
    return undefined;
  }
}
