import type { EvidenceBlock } from '../../domain/analysis.ts';
import type { ThreadReading } from './dump-reading.ts';
import type { ContendedLock } from './lock-graph.ts';
import type { Place } from './pools.ts';
import type { StackReading } from './stack-reading.ts';
import { lockName, placeOf, readingDoing, spoken, threads } from './words.ts';

const MAX_LINES = 120;
const MAX_NAMES = 60;

/** A stack as it stands in the dump, so much of it that a page holds it. */
export function stackLines({ stack }: StackReading): readonly string[] {
  const { lines } = stack;
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `… ${lines.length - MAX_LINES} more lines`];
}

/** `"http-nio-8080-exec-3" #42 RUNNABLE, cpu 8.7 s, since 9.3 s` */
export function threadTitle({ thread }: ThreadReading): string {
  const { name, id, state, cpuMs, elapsedMs } = thread;
  const facts = [
    state,
    cpuMs === undefined ? undefined : `cpu ${spoken(cpuMs)}`,
    elapsedMs === undefined ? undefined : `since ${spoken(elapsedMs)}`,
  ].filter((fact) => fact !== undefined);
  return `"${name}"${id === undefined ? '' : ` #${id}`} ${facts.join(', ')}`.trimEnd();
}

export const threadBlock = (reading: ThreadReading, title = threadTitle(reading)): EvidenceBlock => ({
  title,
  lines: stackLines(reading.stack),
});

/** Names of threads, several to a line; what is too much is counted. */
export function nameLines(members: readonly ThreadReading[]): readonly string[] {
  const names = members.slice(0, MAX_NAMES).map(({ thread }) => thread.name);
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > 72) lines.push(name);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return members.length > MAX_NAMES ? [...lines, `… ${members.length - MAX_NAMES} more`] : lines;
}

/** One stack of each place with the names of all who stand there. */
export const placeBlocks = (places: readonly Place[], limit = 4): readonly EvidenceBlock[] =>
  places.slice(0, limit).flatMap(({ members }) => {
    const [first] = members;
    if (first === undefined) return [];
    const title = `${threads(members.length)}, ${readingDoing(first).en}: ${placeOf(first)}`;
    return [{ title, lines: [...nameLines(members), ...stackLines(first.stack)] }];
  });

/** `"left" waits for 0x… (java.lang.Object), held by "right"` */
export function waitLine({ thread }: ThreadReading, lock: ContendedLock): string {
  const owner = lock.owner?.thread.name ?? lock.ownerName;
  const holder = owner === undefined ? 'whose owner is not in the dump' : `held by "${owner}"`;
  return `"${thread.name}" waits for ${lockName(lock)}, ${holder}`;
}
