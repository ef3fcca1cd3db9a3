import { constants } from 'node:fs';
import { link, lstat, open, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { systemCode } from '../../../core/app-error.ts';

/** A file that is being written; every method rejects with the system's error. */
export interface PartHandle {
  /** Bytes that were taken, which may be fewer than given. */
  write(bytes: Uint8Array): Promise<number>;
  /** Resolves when what was written has reached the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
/** Opens a new file of mode 0600; rejects where one of that name is there, a link included. */
export type OpenPart = (file: string) => Promise<PartHandle>;

export const openPart: OpenPart = async (file) => {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = await open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  return {
    write: async (bytes) => (await handle.write(bytes)).bytesWritten,
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
};

const HOST = hostname()
  .replace(/[^A-Za-z0-9-]+/g, '-')
  .slice(0, 30);
const PART = /\.([A-Za-z0-9-]*)\.(\d+)\.part$/;

/** Where a file stands until it has its name: whose process writes it is in the name, for who clears up later. */
export const partName = (name: string): string => `${name}.${HOST}.${process.pid}.part`;

/** The process that writes a part, as far as it can be told from here. */
export function writerOf(name: string): { readonly isRunning: boolean | undefined } | undefined {
  const found = PART.exec(name);
  if (found === null) return undefined;
  if (found[1] !== HOST) return { isRunning: undefined };
  return { isRunning: isRunning(Number(found[2])) };
}
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // Not ours to signal, but there.
    return systemCode(thrown) === 'EPERM';
  }
}

/** File systems without hard links say so in one of these. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** Gives a part its name; false where that name is taken, and then the part stays. */
export async function nameIt(part: string, file: string): Promise<boolean> {
  try {
    await link(part, file);
    await unlink(part);
    return true;
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === 'EEXIST') return false;
    if (code === undefined || !NO_LINKS.has(code)) throw thrown;
  }
  if (await exists(file)) return false;
  await rename(part, file);
  return true;
}

export async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

/** What is not there need not be removed. */
export async function removeFile(file: string): Promise<void> {
  await unlink(file).catch((thrown: unknown) => {
    if (systemCode(thrown) !== 'ENOENT') throw thrown;
  });
}

/** A name is durable only when its directory is. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const beside = (directory: string, name: string): string => path.join(directory, name);
