import { text } from '../../../domain/text.ts';
import type { ThreadReading } from '../dump-reading.ts';
import { placeBlocks } from '../evidence-blocks.ts';
import type { Finding } from '../finding.ts';
import { placesOf } from '../pools.ts';
import { isBusy } from '../stack-reading.ts';
import { doingText, spoken } from '../words.ts';
import { burntBy, hasNotMoved, type SeriesReading, type Track } from './series-reading.ts';

/** Standing still this long is worse than slow. */
const LONG_MS = 10_000;
const MANY_DUMPS = 3;
const MAX_FOUND = 3;

/** Busy in all dumps and in the same place. */
export const stillTracks = (series: SeriesReading): readonly Track[] =>
  series.tracks.filter((track) => hasNotMoved(track) && isBusy(track.last.doing));

/**
 * Requests that stand in the same place in all dumps. Those that wait for a lock, and who holds it, are
 * told elsewhere; a background thread that waits for its turn is as it should be.
 */
export function stillRequests(series: SeriesReading, still: readonly Track[]): readonly Finding[] {
  const holders = new Set(series.dumps.at(-1)?.locks.roots.map(({ owner }) => owner));
  const serving = still
    .map(({ last }) => last)
    .filter(
      (reading) =>
        reading.isServing && reading.doing !== 'lock' && reading.doing !== 'run' && !holders.has(reading),
    );
  const count = series.dumps.length;
  const isLong = count >= MANY_DUMPS || (series.spanMs ?? 0) >= LONG_MS;
  const span = spanWords(series);
  return placesOf(serving)
    .slice(0, MAX_FOUND)
    .map(({ method, doing, matter, members }) => {
      const { en, ko } = doingText(doing, matter);
      const verb = members.length === 1 ? 'has' : 'have';
      return {
        code: 'stuck-requests',
        subject: `${method} ${doing}`,
        level: isLong ? 'error' : 'warn',
        text: text(
          `${requests(members)} ${verb} not moved in ${count} dumps${span.en}: ${method}, ${en}`,
          `요청 ${members.length}개가 덤프 ${count}개${span.ko} 동안 그대로: ${method}, ${ko}`,
        ),
        next: text(
          'Look at what they wait for; a time limit there would give the workers back',
          '무엇을 기다리는지 확인하십시오. 타임아웃이 있으면 스레드가 반환됩니다',
        ),
        weight: members.length,
        blocks: () => placeBlocks(placesOf(members)),
      };
    });
}

/** Without CPU times: code that runs in the same method in every dump may be a loop. */
export function suspectedLoops(series: SeriesReading): readonly Finding[] {
  if (series.tracks.some((track) => burntBy(series, track) !== undefined)) return [];
  const running = series.tracks.filter(
    ({ isInAll, readings, last }) =>
      isInAll &&
      last.stack.application !== undefined &&
      readings.every(
        (reading) => reading?.doing === 'run' && reading.stack.application === last.stack.application,
      ),
  );
  const span = spanWords(series);
  return placesOf(running.map(({ last }) => last))
    .slice(0, MAX_FOUND)
    .map(({ method, members }) => {
      const names = members.map(({ thread }) => `"${thread.name}"`);
      const [first = ''] = names;
      const others = members.length === 1 ? '' : ` and ${members.length - 1} more`;
      return {
        code: 'suspected-busy-thread',
        subject: method,
        level: 'warn',
        text: text(
          `${first}${others} ran in ${method} in all ${series.dumps.length} dumps${span.en}: perhaps a loop; these dumps tell no CPU`,
          `${first}${members.length === 1 ? '' : ` 외 ${members.length - 1}개`}: 덤프 ${series.dumps.length}개${span.ko} 모두 ${method} 실행 중, 반복문 의심 (CPU 정보 없음)`,
        ),
        next: text(
          'Compare with the CPU of the process; `top -H` names the thread by its nid',
          '프로세스 CPU와 비교하십시오. `top -H`의 스레드 번호가 nid입니다',
        ),
        weight: members.length,
        blocks: () => placeBlocks(placesOf(members)),
      };
    });
}

const requests = (members: readonly ThreadReading[]): string =>
  members.length === 1 ? `the request of "${members[0]?.thread.name}"` : `${members.length} requests`;

/** ` (40 s)`, nothing where it is not known. */
export function spanWords({ spanMs }: SeriesReading) {
  return spanMs === undefined || spanMs <= 0
    ? text('', '')
    : text(` (${spoken(spanMs)})`, `(${spoken(spanMs)})`);
}
