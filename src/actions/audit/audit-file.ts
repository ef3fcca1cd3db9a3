import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../core/app-error.ts';

/** A file that only grows; every method rejects with the system's error. */
export interface AppendHandle {
  /** Bytes that were taken, which may be fewer than given. */
  write(bytes: Uint8Array): Promise<number>;
  /** Resolves when what was written has reached the disk. */
  sync(): Promise<void>;
  /** Rejects where the file at its path is no longer the one that was opened. */
  assertInPlace(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a new file of mode 0600 in a directory of mode 0700, made where it is missing. */
export type OpenAppend = (directory: string, name: string) => Promise<AppendHandle>;

export const openAppend: OpenAppend = async (directory, name) => {
  await makeDirectory(directory);
  await assertPrivateDirectory(directory);
  const file = path.join(directory, name);
  const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const handle = await open(file, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await handle.chmod(0o600);
    await syncDirectory(directory);
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
  return {
    write: async (bytes) => (await handle.write(bytes)).bytesWritten,
    sync: () => handle.sync(),
    assertInPlace: () => assertSameFile(handle, file),
    close: () => handle.close(),
  };
};

/** Level by level: `recursive` never ends where a parent is there and takes no directory (seen below /proc). */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
    return;
  } catch (thrown) {
    if (systemCode(thrown) === 'EEXIST') return;
    const parent = path.dirname(directory);
    if (systemCode(thrown) !== 'ENOENT' || parent === directory) throw thrown;
    await makeDirectory(parent);
  }
  await mkdir(directory, { mode: 0o700 }).catch((thrown: unknown) => {
    // Another process was faster.
    if (systemCode(thrown) !== 'EEXIST') throw thrown;
  });
}

async function assertPrivateDirectory(directory: string): Promise<void> {
  const found = await lstat(directory);
  if (!found.isDirectory())
    throw new Error(`${directory} is no directory of its own (a link is not followed)`);
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid) throw new Error(`${directory} belongs to another user`);
  if ((found.mode & 0o077) === 0) return;
  const handle = await open(directory, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  try {
    await handle.chmod(0o700);
  } finally {
    await handle.close();
  }
}

/** The name of a new file is durable only when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function assertSameFile(handle: FileHandle, file: string): Promise<void> {
  const [ours, there] = await Promise.all([handle.stat(), lstat(file)]);
  if (!there.isFile() || there.ino !== ours.ino || there.dev !== ours.dev) {
    throw new Error(`${file} was replaced while we wrote to it`);
  }
}
