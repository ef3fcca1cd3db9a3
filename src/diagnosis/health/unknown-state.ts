import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

export const unknownState: HealthRule = {
  code: 'unknown-state',
  check({ state, stateReason, name, history }) {
    if (state !== 'unknown') return undefined;
    const why = stateReason === undefined ? '' : ` (${stateReason})`;
    return {
      level: 'unknown',
      text: text(`Nobody tells the state of ${name}${why}`, `${name}의 상태를 알 수 없음${why}`),
      next: text(
        'Check that its host answers and that it still sends',
        '호스트가 응답하는지, 데이터그램을 보내는지 확인하십시오',
      ),
      since: history.stateSince,
    };
  },
};
