import { type Text, text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

/** An estimate says something about now for as long as it was watched, and at least this long. */
const MIN_VALID_MS = 600_000;
/** Nearer than this share of `growthMs` is an error. */
const SOON = 1 / 8;

/** What collections leave grows steadily: a suspected leak. JVMs that never collect their old generation say nothing. */
export const heapGrowth: HealthRule = {
  code: 'heap-growth',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, history, levels, now, name, lookAgainAt }) {
    const growth = history.oldCollections?.growth;
    if (jvm === undefined || growth === undefined) return undefined;
    const { fromAt, lastAt, fullAt, bytesPerMs } = growth;
    // Judged at the collection: what lies too far off then is no leak for having come nearer since.
    if (fullAt - lastAt > levels.growthMs) return undefined;
    const validUntil = lastAt + Math.max(MIN_VALID_MS, lastAt - fromAt);
    if (now >= validUntil) return undefined;
    lookAgainAt(validUntil);
    const leftMs = Math.max(0, fullAt - now);
    const soonMs = levels.growthMs * SOON;
    if (leftMs > soonMs) lookAgainAt(fullAt - soonMs);
    const mebibytesPerMinute = (bytesPerMs * 60_000) / 1_048_576;
    const rate = mebibytesPerMinute < 10 ? mebibytesPerMinute.toFixed(1) : mebibytesPerMinute.toFixed(0);
    const { en, ko } = timeLeft(leftMs);
    return {
      level: leftMs <= soonMs ? 'error' : 'warn',
      text: text(
        `What full collections leave in the heap of ${name} grows by ${rate} MiB/min: full ${en}`,
        `${name}: Full GC 후 남는 힙이 분당 ${rate} MiB씩 증가, ${ko} 가득 참`,
      ),
      next: text(
        'Compare with its load on the JVM page (m); if it grows without more load it leaks: take two class histograms (jcmd GC.class_histogram in its container) some minutes apart and restart it before it is full',
        'JVM 화면(m)에서 부하와 비교하십시오. 부하 없이 늘면 누수입니다: 몇 분 간격으로 클래스 히스토그램(컨테이너에서 jcmd GC.class_histogram)을 두 번 받고, 가득 차기 전에 재시작하십시오',
      ),
      since: fromAt,
    };
  },
};

/** In steps that do not tremble: `in about 1 h 20 min`. */
function timeLeft(leftMs: number): Text {
  const minutes = leftMs / 60_000;
  if (minutes < 2) return text('within minutes', '몇 분 안에');
  const step = minutes < 20 ? 1 : minutes < 60 ? 5 : 10;
  const rounded = Math.round(minutes / step) * step;
  const hours = Math.floor(rounded / 60);
  const rest = rounded % 60;
  const en = [hours === 0 ? '' : `${hours} h`, rest === 0 ? '' : `${rest} min`].filter(Boolean).join(' ');
  const ko = [hours === 0 ? '' : `${hours}시간`, rest === 0 ? '' : `${rest}분`].filter(Boolean).join(' ');
  return text(`in about ${en}`, `약 ${ko} 후`);
}
