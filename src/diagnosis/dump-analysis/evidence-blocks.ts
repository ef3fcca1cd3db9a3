import type { EvidenceBlock } from '../../domain/analysis.ts';
import { type Text, text, type Words } from '../../domain/text.ts';
import type { DumpThread } from '../../domain/thread-dump.ts';
import type { ThreadReading } from './dump-reading.ts';
import type { ContendedLock } from './lock-graph.ts';
import type { Place } from './pools.ts';
import { lockName, placeOf, readingDoing, spoken, threads } from './words.ts';
import { withLocks } from './written-stack.ts';

const MAX_LINES = 120;
const MAX_NAMES = 60;

/** So much of a stack that a page holds it. */
function pageOf(lines: readonly string[]): readonly Words[] {
  const left = lines.length - MAX_LINES;
  return left <= 0 ? lines : [...lines.slice(0, MAX_LINES), text(`… ${left} more lines`, `… ${left}줄 더`)];
}

/**
 * The stack these threads share, as it stands in the dump; of the objects in its lock lines those that are the same
 * for all of them.
 */
export function stackLines(members: readonly ThreadReading[]): readonly Words[] {
  const [first, ...others] = members.map(({ thread }) => thread);
  return first === undefined ? [] : pageOf(withLocks(first, others));
}

/** `"http-nio-8080-exec-3" #42 RUNNABLE, 8.7 s of CPU since it began 9.3 s ago` */
export function threadTitle({ thread }: ThreadReading): Text {
  const { name, id, state, cpuMs, elapsedMs } = thread;
  const lead = `"${name}"${id === undefined ? '' : ` #${id}`}${state === undefined ? '' : ` ${state}`}`;
  const cpu = cpuMs === undefined ? undefined : spoken(cpuMs);
  const age = elapsedMs === undefined ? undefined : spoken(elapsedMs);
  if (cpu === undefined)
    return age === undefined
      ? text(lead, lead)
      : text(`${lead}, began ${age} ago`, `${lead}, ${age} 전 시작`);
  return age === undefined
    ? text(`${lead}, ${cpu} of CPU`, `${lead}, CPU ${cpu}`)
    : text(`${lead}, ${cpu} of CPU since it began ${age} ago`, `${lead}, ${age} 전 시작 이후 CPU ${cpu}`);
}

/** What a row of a thread tells of it beside its words. */
export const threadFacts = ({ state, cpuMs, elapsedMs }: DumpThread) => ({ state, cpuMs, ageMs: elapsedMs });

export const threadBlock = (reading: ThreadReading, title = threadTitle(reading)): EvidenceBlock => ({
  title,
  lines: stackLines([reading]),
});

/** Names of threads, several to a line; what is too much is counted. */
export function nameLines(members: readonly ThreadReading[]): readonly Words[] {
  const names = members.slice(0, MAX_NAMES).map(({ thread }) => thread.name);
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > 72) lines.push(name);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  const left = members.length - MAX_NAMES;
  return left > 0 ? [...lines, text(`… ${left} more`, `… ${left}개 더`)] : lines;
}

/** One stack of each place with the names of all who stand there. */
export const placeBlocks = (places: readonly Place[], limit = 4): readonly EvidenceBlock[] =>
  places.slice(0, limit).flatMap(({ members }) => {
    const [first] = members;
    if (first === undefined) return [];
    const { en, ko } = readingDoing(first);
    const title = text(
      `${threads(members.length)}, ${en}: ${placeOf(first)}`,
      `스레드 ${members.length}개, ${ko}: ${placeOf(first)}`,
    );
    return [{ title, lines: [...nameLines(members), ...stackLines(members)] }];
  });

/** `"left" waits for 0x… (java.lang.Object), held by "right"` */
export function waitLine({ thread }: ThreadReading, lock: ContendedLock): Text {
  const owner = lock.owner?.thread.name ?? lock.ownerName;
  const what = lockName(lock);
  return owner === undefined
    ? text(
        `"${thread.name}" waits for ${what}, whose owner is not in the dump`,
        `"${thread.name}": ${what} 대기, 보유 스레드는 덤프에 없음`,
      )
    : text(
        `"${thread.name}" waits for ${what}, held by "${owner}"`,
        `"${thread.name}": ${what} 대기, "${owner}" 보유`,
      );
}
