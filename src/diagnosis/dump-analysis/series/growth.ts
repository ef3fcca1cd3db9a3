import { text } from '../../../domain/text.ts';
import type { DumpReading } from '../dump-reading.ts';
import { nameLines } from '../evidence-blocks.ts';
import type { Finding } from '../finding.ts';
import type { SeriesReading } from './series-reading.ts';
import { spanWords } from './still-threads.ts';

const LEAST_MORE = 20;
const LEAST_SHARE = 0.2;

/** Threads become more from dump to dump. */
export function growth(series: SeriesReading): readonly Finding[] {
  const counts = series.dumps.map(({ threads }) => threads.length);
  const first = counts[0] ?? 0;
  const last = counts.at(-1) ?? 0;
  const more = last - first;
  const isSteady = counts.every((count, place) => count >= (counts[place - 1] ?? 0));
  if (!isSteady || more < LEAST_MORE || more < first * LEAST_SHARE) return [];
  const { name, by } = mostGrown(series.dumps);
  const span = spanWords(series);
  return [
    {
      code: 'thread-growth',
      subject: 'threads',
      level: 'warn',
      text: text(
        `threads grow: ${counts.join(' → ')}${span.en}${by <= 0 ? '' : `, ${name} by ${by}`}`,
        `스레드 증가: ${counts.join(' → ')}${span.ko}${by <= 0 ? '' : `, ${name} +${by}`}`,
      ),
      next: text(
        'Look at what the new ones do; threads that wait to be served come with load, others may leak',
        '새 스레드가 하는 일을 확인하십시오. 부하로 인한 증가인지 누수인지 구분하십시오',
      ),
      weight: more,
      blocks: () => [
        {
          title: text('New since the first dump', '첫 덤프 이후 생긴 스레드'),
          lines: nameLines(
            series.tracks
              .filter(({ readings }) => readings[0] === undefined && readings.at(-1) !== undefined)
              .map(({ last: reading }) => reading),
          ),
        },
      ],
    },
  ];
}

function mostGrown(dumps: readonly DumpReading[]): { readonly name: string; readonly by: number } {
  const before = new Map(dumps[0]?.pools.map(({ name, members }) => [name, members.length]));
  let most = { name: '', by: 0 };
  for (const { name, members } of dumps.at(-1)?.pools ?? []) {
    const by = members.length - (before.get(name) ?? 0);
    if (by > most.by) most = { name, by };
  }
  return most;
}
