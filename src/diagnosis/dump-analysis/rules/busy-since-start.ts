import { text } from '../../../domain/text.ts';
import type { DumpReading, ThreadReading } from '../dump-reading.ts';
import { threadBlock } from '../evidence-blocks.ts';
import type { DumpRule, Finding } from '../finding.ts';
import { percent, placeOf, spoken } from '../words.ts';

/** Less says nothing about a loop. */
const LEAST_CPU_MS = 1_000;
const LEAST_SHARE = 0.5;
/** Against the middle one of its pool. */
const TIMES_ITS_POOL = 5;
const FEWEST_IN_POOL = 3;
/** Of the CPU of all threads, where a limit or other programs leave less of a core. */
const MOST_OF_ALL = 0.5;
/** Of a core, with most of what all that run now and its pool use: less is no loop, however little the others use. */
const LEAST_LIMITED = 0.1;
const MAX_FOUND = 5;

/**
 * From one dump alone: a thread that runs the application's code and has used far more CPU than its age or its pool
 * explain. A second dump proves it.
 */
export const busySinceStart: DumpRule = (reading) =>
  suspects(reading)
    .slice(0, MAX_FOUND)
    .map((suspect) => {
      const { name, cpuMs = 0, elapsedMs } = suspect.thread;
      const share = shareOf(suspect);
      if (share !== undefined && share < LEAST_LIMITED) return mostCpu(suspect, share);
      const en =
        share === undefined
          ? ''
          : `, ${percent(share)} of a core since it began ${spoken(elapsedMs ?? 0)} ago`;
      const ko =
        share === undefined ? '' : `, 시작(${spoken(elapsedMs ?? 0)} 전) 이후 코어의 ${percent(share)}`;
      return {
        code: 'busy-thread',
        subject: name,
        level: share !== undefined && share >= LEAST_SHARE ? 'error' : 'warn',
        text: text(
          `"${name}" burns CPU in ${placeOf(suspect)}: ${spoken(cpuMs)}${en}`,
          `"${name}" CPU 과다 사용: ${placeOf(suspect)}, ${spoken(cpuMs)}${ko}`,
        ),
        next: TAKE_SERIES,
        weight: Math.round(cpuMs / 1_000),
        count: 1,
        blocks: () => [threadBlock(suspect)],
      };
    });

const TAKE_SERIES = text(
  'Take a series: CPU between two dumps shows whether it goes on',
  '시리즈로 덤프를 떠서 계속되는지 확인하십시오',
);

/** More than others, and little against its age: a loop that just began, or ordinary work; one dump cannot tell. */
function mostCpu(suspect: ThreadReading, share: number): Finding {
  const { name, cpuMs = 0, elapsedMs = 0 } = suspect.thread;
  const age = spoken(elapsedMs);
  return {
    code: 'most-cpu',
    subject: name,
    level: 'ok',
    text: text(
      `"${name}" runs in ${placeOf(suspect)} and used ${spoken(cpuMs)} of CPU since it began ${age} ago (${percent(share)} of a core)`,
      `"${name}" 실행 중: ${placeOf(suspect)}, 시작(${age} 전) 이후 CPU ${spoken(cpuMs)} (코어의 ${percent(share)})`,
    ),
    next: TAKE_SERIES,
    weight: Math.round(cpuMs / 1_000),
    count: 1,
    blocks: () => [threadBlock(suspect)],
  };
}

function suspects({ threads, pools }: DumpReading): readonly ThreadReading[] {
  const middle = new Map<string, number>();
  for (const pool of pools) {
    const used = pool.members.flatMap(({ thread }) => thread.cpuMs ?? []).sort((a, b) => a - b);
    if (used.length >= FEWEST_IN_POOL) middle.set(pool.name, used[Math.floor(used.length / 2)] ?? 0);
  }
  const allMs = threads.reduce((sum, { thread }) => sum + (thread.cpuMs ?? 0), 0);
  return threads
    .filter((reading) => {
      const { thread, doing, stack, pool } = reading;
      const { cpuMs } = thread;
      if (doing !== 'run' || stack.application === undefined) return false;
      if (cpuMs === undefined || cpuMs < LEAST_CPU_MS) return false;
      const share = shareOf(reading) ?? 0;
      if (share >= LEAST_SHARE || cpuMs >= MOST_OF_ALL * allMs) return true;
      if (share >= LEAST_LIMITED && share >= MOST_OF_ALL * shareAround(reading, threads)) return true;
      const usual = middle.get(pool);
      return usual !== undefined && cpuMs >= TIMES_ITS_POOL * Math.max(usual, 1);
    })
    .sort((a, b) => (b.thread.cpuMs ?? 0) - (a.thread.cpuMs ?? 0));
}

/** Of a core, since it began. */
const shareOf = ({ thread: { cpuMs, elapsedMs } }: ThreadReading): number | undefined =>
  cpuMs === undefined || elapsedMs === undefined || elapsedMs <= 0 ? undefined : cpuMs / elapsedMs;

/**
 * Of the cores, what its pool and all that run the application's code now have used since each began, itself among
 * them. What started the JVM and only waits since then says nothing of who uses its CPU now.
 */
const shareAround = ({ pool }: ThreadReading, threads: readonly ThreadReading[]): number =>
  threads
    .filter(
      (other) => other.pool === pool || (other.doing === 'run' && other.stack.application !== undefined),
    )
    .reduce((sum, other) => sum + (shareOf(other) ?? 0), 0);
