import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { describeThrown, systemCode } from './app-error.ts';

/** A file only its owner may read, or why it is none; the problem reads on after the path. */
export type PrivateFile =
  | { readonly path: string; readonly bytes: Uint8Array }
  | { readonly path: string; readonly problem: string };

const MAX_BYTES = 65_536;
const FOR_OTHERS = 0o077;
const GROUP_READS = 0o040;
const ROOT = 0;

/**
 * Reads a small secret: a regular file of this user (or root) that nobody else may read or write. Links are followed,
 * for orchestrators mount secrets behind them. Never throws.
 */
export function readPrivateFile(path: string): PrivateFile {
  let descriptor: number | undefined;
  try {
    // A FIFO would be waited for.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const problem = problemOf(descriptor);
    if (problem !== undefined) return { path, problem };
    const room = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, room, length, room.length - length, null);
      length += count;
      if (count === 0 || length > MAX_BYTES) break;
    }
    if (length > MAX_BYTES) return { path, problem: `is longer than ${MAX_BYTES} bytes` };
    const bytes = new Uint8Array(room.subarray(0, length));
    room.fill(0);
    return { path, bytes };
  } catch (error) {
    return { path, problem: readProblem(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function problemOf(descriptor: number): string | undefined {
  const { mode, uid, isFile } = factsOf(descriptor);
  if (!isFile) return 'is no regular file';
  const own = process.getuid?.();
  // Systems without user ids have no such permissions either.
  if (own === undefined) return undefined;
  // Kubernetes mounts a secret as root's and opens it to the pod's own group.
  const forOthers = uid === ROOT && own !== ROOT ? FOR_OTHERS & ~GROUP_READS : FOR_OTHERS;
  if ((mode & forOthers) !== 0) return `is open to others (mode ${(mode & 0o777).toString(8)}): chmod 600`;
  if (uid !== own && uid !== ROOT) return `belongs to user ${uid}, not to us (${own})`;
  return undefined;
}

function factsOf(descriptor: number) {
  const facts = fstatSync(descriptor);
  return { mode: facts.mode, uid: facts.uid, isFile: facts.isFile() };
}

function readProblem(error: unknown): string {
  switch (systemCode(error)) {
    case 'ENOENT':
      return 'is not there';
    case 'EACCES':
      return 'cannot be read by this user';
    case 'EISDIR':
      return 'is a directory';
    default:
      return `cannot be read: ${describeThrown(error)}`;
  }
}
