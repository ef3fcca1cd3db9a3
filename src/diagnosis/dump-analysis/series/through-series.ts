import { text } from '../../../domain/text.ts';
import type { DumpRule, Finding } from '../finding.ts';
import type { SeriesReading } from './series-reading.ts';
import { spanWords } from './still-threads.ts';

const keyOf = ({ code, subject }: Finding): string => `${code}\n${subject}`;
const MAX_GONE = 3;

/** What the last dump shows, with how long that has been so, and what was bad before and is no more. */
export function throughSeries(series: SeriesReading, rules: readonly DumpRule[]): readonly Finding[] {
  const found = series.dumps.map((dump) => rules.flatMap((rule) => rule(dump)));
  const now = found.at(-1) ?? [];
  const seen = new Map<string, number>();
  for (const findings of found)
    for (const key of new Set(findings.map(keyOf))) seen.set(key, (seen.get(key) ?? 0) + 1);
  const nowKeys = new Set(now.map(keyOf));
  const gone = new Map<string, Finding>();
  for (const findings of found.slice(0, -1))
    for (const finding of findings)
      if (finding.level === 'error' && !nowKeys.has(keyOf(finding))) gone.set(keyOf(finding), finding);
  const count = series.dumps.length;
  const span = spanWords(series);
  return [
    ...now.map((finding): Finding => {
      const times = seen.get(keyOf(finding)) ?? 1;
      const { en, ko } = finding.text;
      const words =
        times === count
          ? text(`${en}; so in all ${count} dumps${span.en}`, `${ko}; 덤프 ${count}개 모두${span.ko}`)
          : times === 1
            ? text(`${en}; only in the last of ${count} dumps`, `${ko}; 마지막 덤프에만`)
            : text(`${en}; in ${times} of ${count} dumps`, `${ko}; 덤프 ${count}개 중 ${times}개`);
      return { ...finding, text: words };
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
