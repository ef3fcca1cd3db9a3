import { text } from '../../../domain/text.ts';
import type { Behind, DumpRule, Finding } from '../finding.ts';
import type { SeriesReading } from './series-reading.ts';
import { spanWords } from './still-threads.ts';

const keyOf = ({ code, subject }: Finding): string => `${code}\n${subject}`;
const MAX_GONE = 3;
const MAX_COUNTS = 10;

/** What the last dump shows, with how long that has been so, and what was bad before and is no more. */
export function throughSeries(series: SeriesReading, rules: readonly DumpRule[]): readonly Finding[] {
  const found = series.dumps.map((dump) => rules.flatMap((rule) => rule(dump)));
  const now = found.at(-1) ?? [];
  const seenOf = (key: string): readonly (Finding | undefined)[] =>
    found.map((findings) => findings.find((finding) => keyOf(finding) === key));
  const nowKeys = new Set(now.map(keyOf));
  const gone = new Map<string, Finding>();
  for (const findings of found.slice(0, -1))
    for (const finding of findings)
      if (finding.level === 'error' && !nowKeys.has(keyOf(finding))) gone.set(keyOf(finding), finding);
  const count = series.dumps.length;
  const span = spanWords(series);
  return [
    ...now.map((finding): Finding => {
      const seen = seenOf(keyOf(finding));
      const times = seen.filter((each) => each !== undefined).length;
      const { en, ko } = finding.text;
      const counts = countsOf(seen);
      const words =
        times === count
          ? text(
              `${en}; so in all ${count} dumps${span.en}${counts}`,
              `${ko}; 덤프 ${count}개 모두${span.ko}${counts}`,
            )
          : times === 1
            ? text(`${en}; only in the last of ${count} dumps`, `${ko}; 마지막 덤프에만`)
            : text(`${en}; in ${times} of ${count} dumps`, `${ko}; 덤프 ${count}개 중 ${times}개`);
      return { ...finding, text: words, behind: behindSince(finding.behind, seen) };
    }),
    ...[...gone.values()].slice(0, MAX_GONE).map(
      (finding): Finding => ({
        ...finding,
        code: `${finding.code}-gone`,
        level: 'warn',
        text: text(
          `no longer in the last dump: ${finding.text.en}`,
          `마지막 덤프에는 없음: ${finding.text.ko}`,
        ),
        next: undefined,
      }),
    ),
  ];
}

/** `: 2 → 2 → 6`, where the sentence tells the last count of several. */
function countsOf(seen: readonly (Finding | undefined)[]): string {
  const counts = seen.map((finding) => finding?.count ?? finding?.weight ?? 0);
  const isSteady = counts.every((count) => count === counts[0]);
  return isSteady
    ? ''
    : `: ${counts.length > MAX_COUNTS ? '… → ' : ''}${counts.slice(-MAX_COUNTS).join(' → ')}`;
}

/** Since when so many wait behind it, where that is not from the first dump on. */
function behindSince(behind: Behind | undefined, seen: readonly (Finding | undefined)[]): Behind | undefined {
  if (behind === undefined || behind.count === 0) return behind;
  const first = seen.findLastIndex((finding) => finding?.behind?.count !== behind.count) + 1;
  if (first === 0) return behind;
  const { en, ko } = behind.text;
  const isLast = first === seen.length - 1;
  return {
    count: behind.count,
    text: isLast
      ? text(`${en} in the last dump`, `${ko} (마지막 덤프)`)
      : text(`${en} since dump ${first + 1}`, `${ko} (덤프 ${first + 1}부터)`),
  };
}
