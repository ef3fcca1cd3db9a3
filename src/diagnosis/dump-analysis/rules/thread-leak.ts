import { text } from '../../../domain/text.ts';
import type { ThreadReading } from '../dump-reading.ts';
import { placeBlocks } from '../evidence-blocks.ts';
import type { DumpRule, Finding } from '../finding.ts';
import { placesOf } from '../pools.ts';
import { familyOf } from '../thread-names.ts';

/** So many pools of one name are made again and again. */
const MANY_POOLS = 20;
/** Threads of default names. */
const MANY_UNNAMED = 100;
const MANY_TIMERS = 20;
const UNNAMED = /^(Thread|Timer)-#$/;

/** Pools, timers and bare threads that look as if nobody ends them. */
export const threadLeak: DumpRule = ({ threads }) => {
  const families = Map.groupBy(
    threads.filter(({ thread }) => thread.state !== undefined && thread.isVirtual !== true),
    ({ thread }) => familyOf(thread.name),
  );
  return [...families].flatMap(([family, members]): readonly Finding[] => {
    const pools = new Set(members.map(({ pool }) => pool)).size;
    if (/#.*#/.test(family) && pools >= MANY_POOLS && members.every(({ isWorker }) => !isWorker))
      return [manyPools(family, { members, pools })];
    const most = family === 'Timer-#' ? MANY_TIMERS : MANY_UNNAMED;
    return UNNAMED.test(family) && members.length >= most ? [manyThreads(family, members)] : [];
  });
};

interface Pools {
  readonly members: readonly ThreadReading[];
  readonly pools: number;
}

function manyPools(family: string, { members, pools }: Pools): Finding {
  const idle = members.filter(({ doing }) => doing === 'idle').length;
  return {
    code: 'thread-leak',
    subject: family,
    level: 'warn',
    text: text(
      `${pools} pools are named ${family}, with ${members.length} threads, ${idle} of them idle: pools seem to be made and never shut down`,
      `${family} 이름의 풀 ${pools}개, 스레드 ${members.length}개(유휴 ${idle}개): 풀을 만들고 종료하지 않는 것으로 의심`,
    ),
    next: text(
      'Look for code that makes an ExecutorService for each call; name its threads to find it',
      '호출마다 ExecutorService를 만드는 코드를 찾으십시오',
    ),
    weight: members.length,
    blocks: () => placeBlocks(placesOf(members)),
  };
}

function manyThreads(family: string, members: readonly ThreadReading[]): Finding {
  return {
    code: 'thread-leak',
    subject: family,
    level: 'warn',
    text: text(
      `${members.length} threads are named ${family}: threads seem to be started and never ended`,
      `${family} 이름의 스레드 ${members.length}개: 종료하지 않는 것으로 의심`,
    ),
    next: text(
      'Look where they stand; compare with a dump of an hour ago',
      '스택을 확인하고 한 시간 전의 덤프와 비교하십시오',
    ),
    weight: members.length,
    blocks: () => placeBlocks(placesOf(members)),
  };
}
