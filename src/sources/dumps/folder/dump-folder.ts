import { constants } from 'node:fs';
import { lstat, open, stat, statfs } from 'node:fs/promises';
import { AppError } from '../../../core/app-error.ts';
import type { Clock } from '../../../core/clock.ts';
import { makeDirectory } from '../../../core/make-directory.ts';
import { sizeText } from '../../../core/size-text.ts';
import type { Dump } from '../../../domain/dump.ts';
import type { DumpFolder } from '../../../domain/dump-folder.ts';
import { isDumpFileName } from '../../../domain/dump-name.ts';
import { appError } from '../../../domain/errors.ts';
import { type FolderLimits, HOUR_MS, removeDump, removeLeftovers, tooMany } from './clear-up.ts';
import { createDumpFile } from './dump-file.ts';
import { folderFailure } from './failures.ts';
import { createDumpLister } from './list-dumps.ts';
import { type OpenPart, openPart } from './part-file.ts';
import { type FolderWatch, watchFolder } from './watch-folder.ts';

/** Longest for a file system to tell two changes apart by their time. */
const SETTLED_MS = 2_000;
/** Of the state directory. */
export const DUMP_DIRECTORY = 'dumps';
const MEBIBYTE = 1_048_576;
const OUT_HINT = 'Give another directory, which may be written to: --out DIRECTORY.';

export interface DumpFolderOptions {
  /** Made with mode 0700 where it is missing. */
  readonly directory: string;
  readonly limits: FolderLimits;
  readonly clock: Clock;
  readonly openPart?: OpenPart;
  /** Of the disk a directory is on; `undefined` where that cannot be told. @default the system's answer */
  readonly freeBytesOf?: (directory: string) => Promise<number | undefined>;
}

/** Dumps in one directory of this user's, shared by all of his processes. */
export function createDumpFolder(options: DumpFolderOptions): DumpFolder {
  const { directory: own, limits, clock } = options;
  const freeBytesOf = options.freeBytesOf ?? freeBytesOnDisk;
  const lister = createDumpLister(own);
  const listeners = new Set<(dumps: readonly Dump[]) => void>();
  let watching: FolderWatch | undefined;
  let isCleared = false;
  let isLooking = false;
  let isToLookAgain = false;
  /** The system told of a file: the directory's own time does not. */
  let hasChanged = false;
  let lastTold: string | undefined;
  let lookedAt: number | undefined;

  const signature = (dumps: readonly Dump[]) =>
    dumps
      .map(
        ({ ref, sizeBytes, takenAt, sha256 }) =>
          `${ref.context} ${ref.id} ${sizeBytes} ${takenAt} ${sha256 ?? ''}`,
      )
      .join('\n');

  /** Names come and go with the directory's time; one that is young may change again without another. */
  async function isUnchanged(): Promise<boolean> {
    const changedAt = await stat(own).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    const isSame = changedAt !== undefined && changedAt === lookedAt;
    lookedAt = changedAt;
    return isSame && Math.abs(Date.now() - changedAt) > SETTLED_MS;
  }

  /** One look at a time; what changes meanwhile is looked at after it. */
  async function look(isTold: boolean): Promise<void> {
    hasChanged ||= isTold;
    if (isLooking) {
      isToLookAgain = true;
      return;
    }
    isLooking = true;
    try {
      do {
        isToLookAgain = false;
        const mustLook = hasChanged || lastTold === undefined;
        hasChanged = false;
        if ((await isUnchanged()) && !mustLook) continue;
        const dumps = await lister.list();
        const now = signature(dumps);
        if (now === lastTold) continue;
        lastTold = now;
        for (const listener of listeners) listener(dumps);
      } while (isToLookAgain);
    } catch {
      // It cannot be read now; what was told stays until it can.
    } finally {
      isLooking = false;
    }
  }

  async function prune(): Promise<void> {
    try {
      const gone = tooMany(await lister.list(), limits, clock.now());
      for (const dump of gone) if (!(await hasJustCome(dump))) await removeDump(own, dump.ref.id);
    } catch {
      // What is too much stays until the next dump: the one just taken is worth more than an error.
    }
  }

  return {
    async create(of) {
      const directory = of.directory ?? own;
      const expectBytes = of.expectBytes ?? MEBIBYTE;
      try {
        makeDirectory(directory);
        if (directory === own) await makePrivate(own);
        else if (!(await stat(directory)).isDirectory()) throw new Error('it is no directory');
      } catch (thrown) {
        throw folderFailure(thrown, directory, directory === own ? undefined : OUT_HINT);
      }
      if (!isCleared && directory === own) {
        isCleared = true;
        await removeLeftovers(own, clock.now());
      }
      const free = await freeBytesOf(directory);
      if (free !== undefined && free < expectBytes) {
        throw appError(
          'DISK_FULL',
          `${directory}: ${sizeText(free)} are free, about ${sizeText(expectBytes)} are needed`,
        );
      }
      return createDumpFile({
        of,
        directory,
        openPart: options.openPart ?? openPart,
        async onKept() {
          if (directory !== own) return;
          await prune();
          watching?.poke();
        },
      });
    },
    freeBytes: (directory = own) => freeBytesOf(directory),
    async list() {
      try {
        return await lister.list();
      } catch (thrown) {
        throw folderFailure(thrown, own);
      }
    },
    async remove({ id }) {
      if (!isDumpFileName(id)) throw appError('INPUT_INVALID', 'that is no name of a dump');
      try {
        await removeDump(own, id);
      } catch (thrown) {
        throw thrown instanceof AppError ? thrown : folderFailure(thrown, own);
      }
      watching?.poke();
    },
    onChange(listener) {
      listeners.add(listener);
      if (watching === undefined) {
        watching = watchFolder(own, clock, (isTold) => void look(isTold));
        watching.poke();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        watching?.close();
        watching = undefined;
      };
    },
  };
}

/** What was fetched, or has no facts of its own, may be older than its file, which somebody wanted a moment ago. */
async function hasJustCome({ way, path: file }: Dump): Promise<boolean> {
  if (way !== 'server-file' && way !== undefined) return false;
  return Date.now() - (await lstat(file)).mtimeMs < HOUR_MS;
}

/** Of the nearest directory that is there: the folder itself may not have been made yet. */
async function freeBytesOnDisk(directory: string): Promise<number | undefined> {
  for (let at = directory; ; ) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      const above = at.replace(/\/[^/]*\/?$/, '') || '/';
      if (above === at) return undefined;
      at = above;
    }
  }
}

/** A directory of ours, which nobody else can read. */
async function makePrivate(directory: string): Promise<void> {
  const found = await lstat(directory);
  if (!found.isDirectory()) throw new Error('it is no directory of its own (a link is not followed)');
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid) throw new Error('it belongs to another user');
  if ((found.mode & 0o077) === 0) return;
  const handle = await open(directory, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  try {
    await handle.chmod(0o700);
  } finally {
    await handle.close();
  }
}
