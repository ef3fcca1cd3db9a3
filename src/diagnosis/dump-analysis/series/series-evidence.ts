import { text } from '../../../domain/text.ts';
import { nameLines, threadBlock, threadFacts } from '../evidence-blocks.ts';
import type { EvidenceRows } from '../evidence-row.ts';
import { percent, placeOf, signed, spoken, threads, whatItDoes } from '../words.ts';
import type { BusyTrack } from './busy-threads.ts';
import type { Difference } from './difference.ts';
import type { SeriesReading, Track } from './series-reading.ts';

/** Share of a core below which a thread is not told of. */
export const LEAST_BUSY = 0.01;

/** What a series adds to its last dump. */
export interface SeriesEvidence {
  readonly series: SeriesReading;
  readonly still: readonly Track[];
  readonly busy: readonly BusyTrack[];
  readonly difference: Difference;
}

/** Threads that did not move. */
export function addStill(rows: EvidenceRows, { still, series }: SeriesEvidence): void {
  for (const { last } of still) {
    const doing = whatItDoes(last);
    rows.add(
      {
        part: 'still',
        subject: last.thread.name,
        text: text(
          `same in ${series.dumps.length} dumps: ${doing.en}`,
          `덤프 ${series.dumps.length}개 동일: ${doing.ko}`,
        ),
        ...threadFacts(last.thread),
      },
      () => [threadBlock(last)],
    );
  }
}

/** Threads that used CPU between the dumps. */
export function addBusyTracks(rows: EvidenceRows, more: SeriesEvidence): void {
  for (const { track, burnt } of more.busy.filter(({ burnt: { share } }) => share >= LEAST_BUSY)) {
    const place = placeOf(track.last);
    const where = place === '' ? '' : `, ${place}`;
    rows.add(
      {
        part: 'busy',
        subject: track.last.thread.name,
        text: text(
          `${percent(burnt.share)} of a core for ${spoken(burnt.wallMs)}${where}`,
          `${spoken(burnt.wallMs)} 동안 코어의 ${percent(burnt.share)}${where}`,
        ),
        state: track.last.thread.state,
        cpuMs: burnt.cpuMs,
      },
      () => [threadBlock(track.last)],
    );
  }
}

/** What the last dump has otherwise than the one before, in one row. */
export function addDifference(rows: EvidenceRows, { difference, series }: SeriesEvidence): void {
  const { added, gone, changed, stacks } = difference;
  const before = series.dumps.at(-2)?.threads.length ?? 0;
  const now = series.dumps.at(-1)?.threads.length ?? 0;
  rows.add(
    {
      part: 'note',
      subject: 'difference',
      text: text(
        `against the dump before: ${threads(now)} (${signed(now - before)}), ${added.length} new, ${gone.length} gone, ${changed.length} in another state`,
        `이전 덤프 대비: 스레드 ${now}개 (${signed(now - before)}), 신규 ${added.length}, 종료 ${gone.length}, 상태 변경 ${changed.length}`,
      ),
      count: added.length + gone.length + changed.length,
      change: now - before,
    },
    () => [
      { title: text(`New (${added.length})`, `신규 (${added.length})`), lines: nameLines(added) },
      { title: text(`Gone (${gone.length})`, `종료 (${gone.length})`), lines: nameLines(gone) },
      {
        title: text('Threads of the same stack', '같은 스택의 스레드'),
        lines: stacks.map(
          ({ place, from, to }) => `${signed(to - from).padStart(6)}  ${from} → ${to}  ${place}`,
        ),
      },
      {
        title: text(`In another state (${changed.length})`, `상태 변경 (${changed.length})`),
        lines: changed
          .slice(0, 100)
          .map(
            ({ from, to }) =>
              `${to.thread.name}: ${from.thread.state ?? 'JVM'} → ${to.thread.state ?? 'JVM'}`,
          ),
      },
    ],
  );
}
