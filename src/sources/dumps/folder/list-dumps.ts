import { lstat, readdir } from 'node:fs/promises';
import { systemCode } from '../../../core/app-error.ts';
import type { Dump } from '../../../domain/dump.ts';
import { dumpKindOfName, isDumpFileName } from '../../../domain/dump-name.ts';
import { refOf } from '../../../domain/ref.ts';
import { text } from '../../../domain/text.ts';
import { dumpFromName } from './from-name.ts';
import { beside } from './part-file.ts';
import { readStatus, statusName } from './status-file.ts';

/** Facts are written after their dump: a dump that is younger was written to since. Clocks of disks differ by less. */
const SAME_TIME_MS = 2_000;
/** Files looked at at once. */
const AT_ONCE = 32;

/** One dump of a directory; `undefined` where there is no such file, or its name is none of a dump. */
export async function readDump(directory: string, name: string): Promise<Dump | undefined> {
  if (!isDumpFileName(name) || dumpKindOfName(name) === undefined) return undefined;
  const file = beside(directory, name);
  let found: Awaited<ReturnType<typeof lstat>>;
  try {
    found = await lstat(file);
  } catch {
    return undefined;
  }
  if (!found.isFile()) return undefined;
  const sizeBytes = Number(found.size);
  const status = await readStatus(beside(directory, statusName(name)));
  if (status === undefined || 'problem' in status) {
    const changedAt = Number(found.mtimeMs);
    return dumpFromName(name, { path: file, sizeBytes, changedAt }, status?.problem);
  }
  const { facts } = status;
  const isWhole = status.sizeBytes === sizeBytes && found.mtimeMs - status.writtenAt < SAME_TIME_MS;
  return {
    ...facts,
    ref: refOf('dump', facts.server.context, name),
    path: file,
    sizeBytes,
    // The hash was of another file then.
    sha256: isWhole ? facts.sha256 : undefined,
    missing: isWhole
      ? facts.missing
      : [
          ...facts.missing,
          text(
            `it was changed since: ${status.sizeBytes} bytes were taken`,
            `이후 변경됨: 당시 ${status.sizeBytes}바이트`,
          ),
        ],
  };
}

/** Lists a directory again and again, and reads only what is new or changed. */
export function createDumpLister(directory: string) {
  let known = new Map<string, { readonly mark: string; readonly dump: Dump | undefined }>();

  async function readOne(name: string): Promise<readonly [string, { mark: string; dump: Dump | undefined }]> {
    const mark = `${await markOf(beside(directory, name))} ${await markOf(beside(directory, statusName(name)))}`;
    const before = known.get(name);
    if (before?.mark === mark) return [name, before];
    return [name, { mark, dump: await readDump(directory, name) }];
  }

  return {
    /** Newest first; none where the directory is not there yet. Rejects with the system's error. */
    async list(): Promise<readonly Dump[]> {
      const names = (await namesIn(directory)).filter(
        (name) => isDumpFileName(name) && dumpKindOfName(name) !== undefined,
      );
      const read: (readonly [string, { mark: string; dump: Dump | undefined }])[] = [];
      for (let at = 0; at < names.length; at += AT_ONCE) {
        read.push(...(await Promise.all(names.slice(at, at + AT_ONCE).map(readOne))));
      }
      known = new Map(read);
      return read
        .flatMap(([, { dump }]) => dump ?? [])
        .sort((a, b) => b.takenAt - a.takenAt || (a.ref.id < b.ref.id ? 1 : -1));
    },
  };
}

export async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

/** Changes whenever the file does; the same for every file that is not there. */
async function markOf(file: string): Promise<string> {
  try {
    const { size, mtimeMs, ino } = await lstat(file);
    return `${size} ${mtimeMs} ${ino}`;
  } catch {
    return '-';
  }
}
