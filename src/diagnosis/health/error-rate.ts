import { text } from '../../domain/text.ts';
import { type HealthRule, reaches } from './health-input.ts';

export const errorRate: HealthRule = {
  code: 'error-rate',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, levels, name }) {
    const percent = jvm?.errorPercent;
    // Without requests the figure is a leftover.
    if (!reaches(percent, levels.errorRateWarn) || jvm?.tps === 0) return undefined;
    return {
      level: reaches(percent, levels.errorRateError) ? 'error' : 'warn',
      text: text(
        `${percent.toFixed(1)} % of the requests of ${name} fail`,
        `${name}: 요청의 ${percent.toFixed(1)} %가 실패`,
      ),
      next: text(
        'Look at its events (e) and for exceptions in its log, and whether the others of its service cluster fail too',
        '이벤트(e)와 로그의 예외를 보고, 같은 서비스 클러스터의 다른 서버도 실패하는지 확인하십시오',
      ),
    };
  },
};
