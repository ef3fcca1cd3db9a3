import { text } from '../../../domain/text.ts';
import type { ThreadDump } from '../../../domain/thread-dump.ts';
import { placeBlocks } from '../evidence-blocks.ts';
import type { DumpRule, Finding } from '../finding.ts';
import type { ContendedLock, LockGraph } from '../lock-graph.ts';
import { placesOf } from '../pools.ts';
import { lockName, placeOf, threads, waitBehind } from '../words.ts';

const MANY = 5;
const COMPARE = text(
  'Take a second dump: a lock that was just given on has an owner there; else look at who reads under it',
  '덤프를 한 번 더 뜨십시오. 막 넘겨진 락이면 보유자가 보입니다. 아니면 읽기 락 사용처를 확인하십시오',
);
const WITH_OWNERS = text(
  'Take the dump again with lock owners (`jcmd PID Thread.print -l`, `jstack -l`)',
  '락 보유자를 포함해 다시 뜨십시오 (`jcmd PID Thread.print -l`, `jstack -l`)',
);

/** Somebody waits for a lock that no thread of the dump holds. */
export const ownerUnknown: DumpRule = ({ locks, dump }) => {
  const unknown = locks.contended.filter(({ owner }) => owner === undefined);
  const untold = unknown.filter(
    ({ kind, ownerName }) =>
      kind === 'synchronizer' && ownerName === undefined && !locks.tellsSynchronizers && !dump.isTruncated,
  );
  if (untold.length < 2) return unknown.map((lock) => oneUnknown(lock, locks, dump));
  const once = new Set(untold);
  const told = unknown.filter((lock) => !once.has(lock));
  return [withoutOwners(untold), ...told.map((lock) => oneUnknown(lock, locks, dump))];
};

/** Said once for all of them: such a dump tells no owner of any. */
function withoutOwners(untold: readonly ContendedLock[]): Finding {
  const waiters = untold.flatMap((lock) => lock.waiters);
  return {
    code: 'owner-not-in-dump',
    subject: 'synchronizers',
    level: waiters.length >= MANY ? 'error' : 'warn',
    text: text(
      `${threads(waiters.length)} wait for ${untold.length} java.util.concurrent locks whose owners this dump does not tell`,
      `스레드 ${waiters.length}개가 java.util.concurrent 락 ${untold.length}개 대기, 이 덤프에는 보유자 정보가 없음`,
    ),
    next: WITH_OWNERS,
    weight: waiters.length,
    blocks: () => placeBlocks(placesOf(waiters)),
  };
}

function oneUnknown(
  lock: ContendedLock,
  { tellsSynchronizers, behindUnknown }: LockGraph,
  { isTruncated }: ThreadDump,
): Finding {
  const { waiters } = lock;
  const behind = behindUnknown.get(lock) ?? 0;
  const all = waiters.length + behind;
  const why = whyUnknown(lock, { tells: tellsSynchronizers, isTruncated });
  return {
    code: 'owner-not-in-dump',
    subject: `${lock.lock.className} ${waiters.map(placeOf).sort()[0]}`,
    level: all >= MANY ? 'error' : 'warn',
    text: text(
      `${threads(waiters.length)} wait${waiters.length === 1 ? 's' : ''} for ${lockName(lock)}, whose owner is not in the dump: ${why.en}`,
      `스레드 ${waiters.length}개가 ${lockName(lock)} 대기, 보유 스레드는 덤프에 없음: ${why.ko}`,
    ),
    next: tellsSynchronizers || lock.kind === 'monitor' ? COMPARE : WITH_OWNERS,
    weight: all,
    count: waiters.length,
    behind: waitBehind(behind),
    blocks: () => placeBlocks(placesOf(waiters)),
  };
}

interface Circumstances {
  readonly tells: boolean;
  readonly isTruncated: boolean;
}

function whyUnknown({ kind, lock, ownerName }: ContendedLock, { tells, isTruncated }: Circumstances) {
  if (ownerName !== undefined)
    return text(`"${ownerName}" is named and not there`, `"${ownerName}"이(가) 목록에 없음`);
  if (isTruncated) return text('the dump is cut short', '덤프가 잘렸음');
  if (kind === 'synchronizer' && lock.className?.includes('ReadWriteLock') === true)
    return text('readers may hold it, whom no dump names', '읽기 락 보유자는 덤프에 나오지 않음');
  if (kind === 'synchronizer' && !tells)
    return text('the dump was taken without lock owners', '락 보유자 없이 뜬 덤프');
  if (kind === 'synchronizer')
    return text('it was just given on, or its holder has ended', '막 넘겨졌거나 보유 스레드가 종료됨');
  return text('it was just given on, or native code holds it', '막 넘겨졌거나 네이티브 코드가 보유');
}
