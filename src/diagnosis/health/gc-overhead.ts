import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

export const gcOverhead: HealthRule = {
  code: 'gc-overhead',
  check({ jvm, levels, name }) {
    const percent = jvm?.gcTimePercent;
    if (percent === undefined || percent < levels.gcOverheadWarn * 100) return undefined;
    return {
      level: percent >= levels.gcOverheadError * 100 ? 'error' : 'warn',
      text: text(
        `${name} spends ${percent.toFixed(1)} % of its time collecting garbage`,
        `${name}: GC에 시간의 ${percent.toFixed(1)} %를 사용`,
      ),
      next: text('Look at the heap after GC on its JVM page (m)', 'JVM 화면(m)에서 GC 후 힙을 확인하십시오'),
    };
  },
};
