import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

const WARN_PERCENT = 5;
const ERROR_PERCENT = 20;

export const errorRate: HealthRule = {
  code: 'error-rate',
  check({ jvm, name }) {
    const percent = jvm?.errorPercent;
    // Without requests the figure is a leftover.
    if (percent === undefined || percent < WARN_PERCENT || jvm?.tps === 0) return undefined;
    return {
      level: percent >= ERROR_PERCENT ? 'error' : 'warn',
      text: text(
        `${percent.toFixed(1)} % of the requests of ${name} fail`,
        `${name}: 요청의 ${percent.toFixed(1)} %가 실패`,
      ),
      next: text('Look for exceptions in its log', '로그에서 예외를 확인하십시오'),
    };
  },
};
