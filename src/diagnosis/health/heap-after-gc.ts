import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

/** What collections cannot free; the level of the heap between them says nothing. */
export const heapAfterGc: HealthRule = {
  code: 'heap-after-gc',
  check({ jvm, history, levels, name }) {
    const left = jvm?.heap?.afterGcBytes;
    const max = jvm?.heap?.maxBytes;
    if (left === undefined || max === undefined || history.gcsAboveWarn < levels.forGcs) return undefined;
    const percent = Math.round((left / max) * 100);
    return {
      level: history.gcsAboveError >= levels.forGcs ? 'error' : 'warn',
      text: text(
        `${name} keeps ${percent} % of its heap after each of the last ${levels.forGcs} full collections`,
        `${name}: 최근 Full GC ${levels.forGcs}회 후에도 힙의 ${percent} %가 남음`,
      ),
      next: text(
        'Look for a leak with a class histogram (jcmd GC.class_histogram in its container); compare heap size and load',
        '클래스 히스토그램(컨테이너에서 jcmd GC.class_histogram)으로 누수를 찾고 힙 크기와 부하를 비교하십시오',
      ),
    };
  },
};
