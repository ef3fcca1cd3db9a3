import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

/** What collections cannot free; the level of the heap between them says nothing. */
export const heapAfterGc: HealthRule = {
  code: 'heap-after-gc',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, history, levels, name }) {
    const seen = history.oldCollections;
    if (jvm === undefined || seen === undefined || seen.aboveWarn < levels.forGcs) return undefined;
    const left = jvm.heap?.afterGcBytes ?? jvm.lastFullGc?.afterBytes;
    const max = jvm.heap?.maxBytes;
    if (left === undefined || max === undefined || max <= 0) return undefined;
    const percent = Math.round((left / max) * 100);
    return {
      level: seen.aboveError >= levels.forGcs ? 'error' : 'warn',
      text: text(
        levels.forGcs === 1
          ? `${name} keeps ${percent} % of its heap after its last full collection`
          : `${name} keeps ${percent} % of its heap after each of the last ${levels.forGcs} full collections`,
        `${name}: 최근 Full GC ${levels.forGcs}회 후에도 힙의 ${percent} %가 남음`,
      ),
      next: text(
        'See on its JVM page (m) whether what is left still grows; if it does, find what holds it with a class histogram (jcmd GC.class_histogram in its container), else give it a larger heap or less load',
        'JVM 화면(m)에서 남는 양이 계속 느는지 보십시오. 늘고 있으면 클래스 히스토그램(컨테이너에서 jcmd GC.class_histogram)으로 원인을 찾고, 아니면 힙을 늘리거나 부하를 줄이십시오',
      ),
    };
  },
};
