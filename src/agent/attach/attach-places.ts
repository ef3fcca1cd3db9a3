import { constants } from 'node:fs';
import { type FileHandle, lstat, open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { describeThrown, systemCode } from '../../core/app-error.ts';
import { appError } from '../../domain/errors.ts';
import { insideProcess } from '../proc/process-root.ts';
import type { AttachTarget } from './attach-target.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;
const FOR_OTHERS = 0o077;
const TRIGGER = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const ROOT = 0;

/**
 * What lies right in an open folder: it cannot be exchanged on the way, and the path stays short enough for a socket's
 * name.
 */
const inFolder = (folder: FileHandle, name: string): string => `/proc/self/fd/${folder.fd}/${name}`;

/** The /tmp the JVM sees: HotSpot puts its socket there, whatever `java.io.tmpdir` says. */
export async function openTemporary({ proc, pid }: AttachTarget): Promise<FileHandle> {
  try {
    return await open(insideProcess(proc, pid, '/tmp'), FOLDER | constants.O_NOFOLLOW);
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === 'EACCES' || code === 'EPERM')
      throw appError('PERMISSION_DENIED', `the /tmp of process ${pid} is closed to this user`, {
        cause: thrown,
        hint: 'Run the agent as the user and group of the JVM, or as root with CAP_SYS_PTRACE.',
      });
    throw appError('DUMP_FAILED', `the /tmp of process ${pid} cannot be opened (${code ?? 'error'})`, {
      cause: thrown,
      hint: 'The JVM puts its attach socket into /tmp: give its container one it can write to.',
    });
  }
}

export const socketName = ({ innerPid }: AttachTarget): string => `.java_pid${innerPid}`;
export const socketPath = (temporary: FileHandle, target: AttachTarget): string =>
  inFolder(temporary, socketName(target));

/**
 * Whose socket is there: as the JDK's own tools demand it is the JVM user's and closed to all others, for in a /tmp of
 * all anybody could put one there. Rejects with DUMP_FAILED where there is something else.
 */
export async function findSocket(
  temporary: FileHandle,
  target: AttachTarget,
  uid: number,
): Promise<'own' | 'foreign' | 'none'> {
  const facts = await lstat(socketPath(temporary, target)).catch(() => undefined);
  if (facts === undefined) return 'none';
  if (!facts.isSocket()) throw foreignSocket(target);
  return facts.uid === uid && (facts.mode & FOR_OTHERS) === 0 ? 'own' : 'foreign';
}
export const foreignSocket = (target: AttachTarget) =>
  appError('DUMP_FAILED', `/tmp/${socketName(target)} is not the socket of process ${target.pid}`, {
    hint: 'Look who put it there, and remove it: its owner, type or permissions are not those of that JVM.',
  });
/** One whose listener is gone: an earlier process of the same number left it. */
export const removeStaleSocket = (temporary: FileHandle, target: AttachTarget): Promise<void> =>
  unlink(socketPath(temporary, target)).catch(() => undefined);

/** Takes away the file that asks the JVM to listen. Never rejects. */
export type RemoveTrigger = () => Promise<void>;

/**
 * Puts the file there that tells the JVM that SIGQUIT means to listen: in its working directory, or where that is
 * read-only in its /tmp. Rejects with an AppError.
 */
export async function putTrigger(
  temporary: FileHandle,
  target: AttachTarget,
  uid: number,
): Promise<RemoveTrigger> {
  const name = `.attach_pid${target.innerPid}`;
  const own = await open(path.join(target.proc, `${target.pid}`, 'cwd'), FOLDER).catch(() => undefined);
  let refusal: unknown;
  for (const folder of [own, temporary]) {
    if (folder === undefined) continue;
    try {
      await createFor(inFolder(folder, name), uid);
      return async () => {
        await unlink(inFolder(folder, name)).catch(() => undefined);
        await own?.close().catch(() => undefined);
      };
    } catch (thrown) {
      refusal = thrown;
    }
  }
  await own?.close();
  // Another one that asks the same put it there, or left it: it serves as well and is not ours to take away.
  if (systemCode(refusal) === 'EEXIST') return async () => {};
  throw appError(
    'DUMP_FAILED',
    `neither the working directory nor the /tmp of process ${target.pid} can be written to (${describeThrown(refusal)})`,
    {
      cause: refusal,
      hint: 'Give its container a writable /tmp (an emptyDir); the JVM needs one to be attached to.',
    },
  );
}

/** JDK 8 takes it from its own user only, not from root. */
async function createFor(file: string, uid: number): Promise<void> {
  const handle = await open(file, TRIGGER, 0o600);
  try {
    if (uid !== ROOT && process.geteuid?.() === ROOT) await handle.chown(uid, -1).catch(() => undefined);
  } finally {
    await handle.close();
  }
}
