import { type Text, text, type Words } from '../../../domain/text.ts';
import type { Deadlock } from '../deadlocks.ts';
import { threadBlock, waitLine } from '../evidence-blocks.ts';
import type { DumpRule } from '../finding.ts';
import { listed, waitBehind } from '../words.ts';

const KINDS = {
  monitors: text('on monitors', '모니터'),
  synchronizers: text('on java.util.concurrent locks', 'java.util.concurrent 락'),
  mixed: text('on monitors and java.util.concurrent locks', '모니터와 java.util.concurrent 락'),
  said: text('as the JVM says', 'JVM 보고'),
} as const;
/** Above this the ring is told by its first threads. */
const MAX_NAMED = 6;
const MAX_BLOCKS = 10;

/** Threads that wait for each other will wait until the JVM ends. */
export const deadlock: DumpRule = ({ locks }) =>
  locks.deadlocks.map((found) => {
    const names = listed(
      found.threads.map(({ thread }) => `"${thread.name}"`),
      MAX_NAMED,
    );
    const behind = found.behind.length;
    const count = found.threads.length;
    return {
      code: 'deadlock',
      subject: found.threads
        .map(({ thread }) => thread.name)
        .sort()
        .join('\n'),
      level: 'error',
      text: text(
        `deadlock of ${count} threads ${KINDS[found.kind].en}: ${names.en}`,
        `데드락: 스레드 ${count}개 (${KINDS[found.kind].ko}): ${names.ko}`,
      ),
      next: text(
        'Restart the server: a deadlock never ends by itself; have the locks taken in one order',
        '서버를 재시작하십시오. 데드락은 저절로 풀리지 않습니다. 락 획득 순서를 통일하십시오',
      ),
      weight: count + behind,
      count,
      behind: waitBehind(behind),
      blocks: () => [
        { title: saidBy(found), lines: chainOf(found) },
        ...found.threads.slice(0, MAX_BLOCKS).map((thread) => threadBlock(thread)),
        ...found.behind.slice(0, 1).map((thread) => threadBlock(thread)),
      ],
    };
  });

function saidBy({ kind, isSaid }: Deadlock): Text {
  if (kind === 'said')
    return text('The JVM reports it; the dump names no owners', 'JVM 보고; 덤프에 락 보유자 없음');
  return isSaid
    ? text('Found from owners and waiters; the JVM reports it too', '락 보유자와 대기자로 확인, JVM도 보고함')
    : text('Found from owners and waiters', '락 보유자와 대기자로 확인');
}

function chainOf({ threads, locks, behind }: Deadlock): readonly Words[] {
  const ring = threads.map((thread, index): Words => {
    const lock = locks[index];
    return lock === undefined ? `"${thread.thread.name}"` : waitLine(thread, lock);
  });
  const waiting = behind
    .slice(0, 20)
    .map(({ thread }) => text(`behind them: "${thread.name}"`, `그 뒤에서 대기: "${thread.name}"`));
  return [...ring.slice(0, 40), ...waiting];
}
