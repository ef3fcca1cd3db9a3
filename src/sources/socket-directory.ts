import { accessSync, constants, lstatSync } from 'node:fs';
import path from 'node:path';
import { describeThrown, systemCode } from '../core/app-error.ts';
import { makeDirectory } from '../core/make-directory.ts';
import { appError } from '../domain/errors.ts';

/**
 * A directory sockets lie in. `own`: this user's alone, made where it is missing. `shared`: a collector's, below a
 * directory that only root (or this user) writes to; a group may enter it.
 */
export interface SocketDirectory {
  readonly path: string;
  readonly kind: 'own' | 'shared';
}
/** Who asks; `undefined` where the system has no user ids, and nothing is shared. */
export type UserId = number | undefined;

const WRITABLE_BY_OTHERS = 0o002;
const WRITABLE_BY_GROUP = 0o020;
const STICKY = 0o1000;
const ROOT = 0;
/** What fits into the address of a Unix socket on every system. */
const MAX_SOCKET_PATH_BYTES = 103;

/** The socket on which the owner of a port hands its datagrams' content on. */
export const socketFileOf = (directory: string, port: number): string =>
  path.join(directory, `udp-${port}.sock`);

const unsafe = (directory: string, why: string) => appError('SOCKET_UNSAFE', `${directory} ${why}`);

/**
 * Why a directory may not be used, as an AppError (SOCKET_UNSAFE), or that it is not there (`missing`), or neither.
 */
export function checkDirectory(
  { path: directory, kind }: SocketDirectory,
  uid: UserId,
): 'usable' | 'missing' | ReturnType<typeof unsafe> {
  if (uid === undefined) return unsafe(directory, 'has no owner on this system');
  if (!path.isAbsolute(directory)) return unsafe(directory, 'is no absolute path');
  try {
    const facts = lstatSync(directory);
    if (facts.isSymbolicLink()) return unsafe(directory, 'is a symbolic link');
    if (!facts.isDirectory()) return unsafe(directory, 'is no directory');
    if ((facts.mode & WRITABLE_BY_OTHERS) !== 0) return unsafe(directory, 'can be written to by everybody');
    if (kind === 'own') {
      if (facts.uid !== uid) return unsafe(directory, `belongs to user ${facts.uid}, not to us (${uid})`);
      if ((facts.mode & WRITABLE_BY_GROUP) !== 0) return unsafe(directory, 'can be written to by its group');
      return 'usable';
    }
    return parentProblem(directory, facts.uid, uid) ?? 'usable';
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'missing';
    return unsafe(directory, `cannot be looked at: ${describeThrown(error)}`);
  }
}

/** Nobody but root and we may have put it there, or put another in its place. */
function parentProblem(directory: string, owner: number, uid: number) {
  const parent = path.dirname(directory);
  const facts = lstatSync(parent);
  const isOpen = (facts.mode & (WRITABLE_BY_OTHERS | WRITABLE_BY_GROUP)) !== 0;
  if (!isOpen && (facts.uid === ROOT || facts.uid === uid)) return undefined;
  if (isOpen && (facts.mode & STICKY) !== 0 && (owner === ROOT || owner === uid)) return undefined;
  return unsafe(directory, `lies in ${parent}, which others can write to`);
}

/** Makes the directory where it is missing; throws SOCKET_UNSAFE where it may not be used. */
export function prepareDirectory(directory: SocketDirectory, uid: UserId): void {
  let found = checkDirectory(directory, uid);
  if (found === 'missing') {
    try {
      makeDirectory(directory.path, directory.kind === 'own' ? 0o700 : 0o750);
    } catch (error) {
      throw unsafe(directory.path, `cannot be made: ${describeThrown(error)}`);
    }
    found = checkDirectory(directory, uid);
  }
  if (found === 'missing') throw unsafe(directory.path, 'was there and is gone');
  if (found !== 'usable') throw found;
}

/** Why this user cannot reach a socket that may be there, in one line; `undefined` where nothing is in the way. */
function accessProblem(directory: string, port: number): string | undefined {
  const file = socketFileOf(directory, port);
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    if (systemCode(error) !== 'EACCES') return undefined;
    const group = groupOf(directory);
    return `this user may not open ${file}${group === undefined ? '' : `: it is for group ${group}`}`;
  }
}

/** Why an owner may be there and not be found, in one line each. */
export const directoryProblems = (
  directories: readonly SocketDirectory[],
  uid: UserId,
  port: number,
): readonly string[] =>
  directories.flatMap((directory) => {
    const found = checkDirectory(directory, uid);
    if (found === 'missing') return [];
    if (found !== 'usable') return [found.message];
    return accessProblem(directory.path, port) ?? [];
  });

function groupOf(directory: string): number | undefined {
  try {
    return lstatSync(directory).gid;
  } catch {
    return undefined;
  }
}

/** Throws SOCKET_UNSAFE for a path no socket can have. */
export function checkSocketPath(file: string): void {
  if (Buffer.byteLength(file) > MAX_SOCKET_PATH_BYTES) {
    throw unsafe(file, `is too long for a socket (more than ${MAX_SOCKET_PATH_BYTES} bytes)`);
  }
}

/** Throws SOCKET_UNSAFE for a socket others could have put there; one that is not there is no fault. */
export function checkGivenSocket(file: string): void {
  checkSocketPath(file);
  const directory = path.dirname(path.resolve(file));
  try {
    if ((lstatSync(directory).mode & WRITABLE_BY_OTHERS) !== 0) {
      throw unsafe(directory, 'can be written to by everybody: a socket in it may be anybody’s');
    }
    if (!lstatSync(file).isSocket()) throw unsafe(file, 'is no socket');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
