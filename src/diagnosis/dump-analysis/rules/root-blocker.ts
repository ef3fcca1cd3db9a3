import { type Text, text } from '../../../domain/text.ts';
import type { ThreadReading } from '../dump-reading.ts';
import { placeBlocks, threadBlock, waitLine } from '../evidence-blocks.ts';
import type { DumpRule } from '../finding.ts';
import type { Matter } from '../frame-signs.ts';
import type { RootBlocker } from '../lock-graph.ts';
import { placesOf } from '../pools.ts';
import { listed, lockClass, lockName, placeOf, readingDoing, threads } from '../words.ts';

/** So many held up are more than a moment's crowd. */
const MANY = 5;
const MAX_WAITERS = 12;

const NEXT: Readonly<Partial<Record<Matter, Text>>> = {
  logging: text(
    'Logging holds them up: look at the disk, the console’s reader and the log level, or log asynchronously',
    '로깅이 원인입니다. 디스크, 콘솔 출력, 로그 레벨을 확인하거나 비동기 로깅을 쓰십시오',
  ),
  'class-init': text(
    'The holder runs the static initialiser of that class: whoever needs the class waits until it is done',
    '해당 클래스의 static 초기화가 실행 중입니다. 끝날 때까지 클래스를 쓰는 스레드가 대기합니다',
  ),
  'class-loading': text(
    'Loading a class holds them up: look at the disk, and at code that loads classes again and again',
    '클래스 로딩이 원인입니다. 디스크와 반복 로딩 코드를 확인하십시오',
  ),
  database: text(
    'The holder waits for its database: look at its queries and locks there',
    '락 보유 스레드가 DB를 기다립니다. DB의 쿼리와 락을 확인하십시오',
  ),
  'remote-call': text(
    'The holder waits for another server: look at that one, and give the call a time limit',
    '락 보유 스레드가 다른 서버를 기다립니다. 해당 서버와 타임아웃 설정을 확인하십시오',
  ),
};

/** Of those who wait, it tells what the lock is for. */
const TELLING: ReadonlySet<Matter | undefined> = new Set(['logging', 'class-loading', 'class-init']);

/** A thread that waits for no lock and holds up others, with all who wait behind them. */
export const rootBlocker: DumpRule = ({ locks }) =>
  locks.roots.map((root) => {
    const { owner, direct, held } = root;
    const behind = held.length - direct;
    const { en, ko } = ownDoing(owner);
    const lockNames = listed(root.locks.map(lockName), 2);
    return {
      code: 'root-blocker',
      // Addresses move with every collection: a name and a class are the same in the next dump.
      subject: `${owner.thread.name}\n${root.locks.map(lockClass).sort().join('\n')}`,
      level: levelOf(root),
      text: text(
        `"${owner.thread.name}" holds up ${threads(held.length)}${
          behind === 0 ? '' : ` (${direct} directly, ${behind} behind them)`
        }: it holds ${lockNames.en} and is ${en}`,
        `"${owner.thread.name}"이(가) 스레드 ${held.length}개를 막고 있음${
          behind === 0 ? '' : ` (직접 ${direct}, 간접 ${behind})`
        }: ${lockNames.ko} 보유, ${ko}`,
      ),
      next: nextOf(root),
      weight: held.length,
      blocks: () => [
        threadBlock(owner),
        {
          title: text(`${threads(held.length)} held up`, `막힌 스레드 ${held.length}개`),
          lines: held.slice(0, MAX_WAITERS * 4).flatMap((waiter) => {
            const lock = locks.lockOf.get(waiter);
            return lock === undefined ? [] : [waitLine(waiter, lock)];
          }),
        },
        ...placeBlocks(placesOf(held), MAX_WAITERS),
      ],
    };
  });

/** A lock somebody runs under and one waits for is everyday; one that is held over a wait is not. */
function levelOf({ owner, held }: RootBlocker): 'error' | 'warn' | 'ok' {
  const serving = held.filter(({ isServing }) => isServing).length;
  const isRunning = owner.doing === 'run';
  if (held.length >= MANY || (serving >= 2 && !isRunning)) return 'error';
  return held.length === 1 && isRunning ? 'ok' : 'warn';
}

function ownDoing(owner: ThreadReading): Text {
  const doing = readingDoing(owner);
  const place = placeOf(owner);
  return place === '' ? doing : text(`${doing.en} in ${place}`, `${place}에서 ${doing.ko}`);
}

function nextOf({ owner, held }: RootBlocker): Text {
  const matter = held.find(({ stack }) => TELLING.has(stack.matter))?.stack.matter;
  const known = (matter && NEXT[matter]) ?? (owner.stack.matter && NEXT[owner.stack.matter]);
  return (
    known ??
    text(
      'Look at what the holder does in its stack: the others go on when it lets go',
      '락 보유 스레드의 스택을 확인하십시오. 락이 풀려야 나머지가 진행됩니다',
    )
  );
}
