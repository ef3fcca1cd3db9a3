import { text } from '../../domain/text.ts';
import { isConcurrentlyCollected } from '../gc/collectors.ts';
import { type HealthRule, reaches } from './health-input.ts';

export const gcOverhead: HealthRule = {
  code: 'gc-overhead',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, levels, name, history }) {
    const percent = jvm?.gcTimePercent;
    if (jvm === undefined || !reaches(percent, levels.gcOverheadWarn)) return undefined;
    const isConcurrent = isConcurrentlyCollected(jvm);
    if (isConcurrent === true || !history.isGcShareSettled(jvm)) return undefined;
    return {
      level: reaches(percent, levels.gcOverheadError) ? 'error' : 'warn',
      text: text(
        `${name} spends ${percent.toFixed(1)} % of its time collecting garbage`,
        `${name}: GC에 시간의 ${percent.toFixed(1)} %를 사용`,
      ),
      next: text(
        `Look at the heap after GC on its JVM page (m): near its maximum the heap is too small or leaks, else it allocates too much${isConcurrent === undefined ? '; under ZGC or Shenandoah this time is no pause' : ''}`,
        `JVM 화면(m)에서 GC 후 힙을 확인하십시오: 최대에 가까우면 힙 부족이나 누수, 아니면 할당이 과다합니다${isConcurrent === undefined ? '; ZGC나 Shenandoah라면 이 시간은 멈춤이 아닙니다' : ''}`,
      ),
    };
  },
};
