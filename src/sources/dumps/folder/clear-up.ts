import { lstat } from 'node:fs/promises';
import type { Dump } from '../../../domain/dump.ts';
import { dumpKindOfName } from '../../../domain/dump-name.ts';
import { refKey } from '../../../domain/ref.ts';
import { namesIn } from './list-dumps.ts';
import { beside, exists, removeFile, writerOf } from './part-file.ts';
import { statusName } from './status-file.ts';

const DAY_MS = 86_400_000;
/** What an incident gave stays so long, whatever it gives next. */
export const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export interface FolderLimits {
  /** Most files of one server. */
  readonly keepFiles: number;
  /** Most bytes of all files. */
  readonly keepBytes: number;
}

/** Which dumps go, by number for each server and by bytes for all; never one taken within the last hour. */
export function tooMany(
  dumps: readonly Dump[],
  { keepFiles, keepBytes }: FolderLimits,
  now: number,
): readonly Dump[] {
  const newestFirst = [...dumps].sort((a, b) => b.takenAt - a.takenAt);
  const isOld = ({ takenAt }: Dump) => now - takenAt >= HOUR_MS;
  const gone = new Set<Dump>();
  for (const own of Map.groupBy(newestFirst, ({ server }) => refKey(server)).values()) {
    for (const dump of own.slice(keepFiles)) if (isOld(dump)) gone.add(dump);
  }
  let bytes = newestFirst.reduce((sum, dump) => sum + (gone.has(dump) ? 0 : dump.sizeBytes), 0);
  for (const dump of newestFirst.toReversed()) {
    if (bytes <= keepBytes) break;
    if (gone.has(dump) || !isOld(dump)) continue;
    gone.add(dump);
    bytes -= dump.sizeBytes;
  }
  return [...gone];
}

/** The file first: facts alone are cleared away later, a dump never stands without them. */
export async function removeDump(directory: string, name: string): Promise<void> {
  await removeFile(beside(directory, name));
  await removeFile(beside(directory, statusName(name)));
}

/**
 * What a crash left: parts of processes that are gone, or older than a day where that cannot be told; facts whose
 * dump never got its name. Never rejects.
 */
export async function removeLeftovers(directory: string, now: number): Promise<void> {
  const names = await namesIn(directory).catch(() => []);
  for (const name of names) {
    const file = beside(directory, name);
    try {
      if (await isLeftover(directory, name, now)) await removeFile(file);
    } catch {
      // Another process was faster, or it is not ours to remove.
    }
  }
}

async function isLeftover(directory: string, name: string, now: number): Promise<boolean> {
  const ageMs = async () => now - (await lstat(beside(directory, name))).mtimeMs;
  const writer = writerOf(name);
  if (writer !== undefined) return writer.isRunning === false || (await ageMs()) > DAY_MS;
  if (!name.endsWith('.json')) return false;
  const dump = name.slice(0, -'.json'.length);
  if (dumpKindOfName(dump) === undefined || (await exists(beside(directory, dump)))) return false;
  // The dump gets its name right after its facts.
  return (await ageMs()) > MINUTE_MS;
}
