import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

export const failed: HealthRule = {
  code: 'failed',
  check({ state, stateReason, name, history }) {
    if (state !== 'failed') return undefined;
    const why = stateReason === undefined ? '' : ` (${stateReason})`;
    return {
      level: 'error',
      text: text(`${name} has failed${why}`, `${name}: 실패${why}`),
      next: text('Look at its events and its last log lines', '이벤트와 마지막 로그를 확인하십시오'),
      since: history.stateSince,
    };
  },
};
