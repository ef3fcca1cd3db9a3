import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';
import { NO_LONGER_HEARD } from './no-longer-heard.ts';

/** Reason of the state of a sender whose datagrams no codec reads. */
export const NOT_UNDERSTOOD = 'heard, but not understood';

export const unknownState: HealthRule = {
  code: 'unknown-state',
  check({ state, stateReason, name, history }) {
    if (state !== 'unknown' || stateReason === NO_LONGER_HEARD) return undefined;
    if (stateReason === NOT_UNDERSTOOD) {
      return {
        level: 'unknown',
        text: text(
          `${name} sends datagrams in a form that is not known here`,
          `${name}: 알 수 없는 형식의 데이터그램을 보냄`,
        ),
        next: text(
          'Find out what sends to this port from there, or let it send a known form',
          '해당 주소에서 무엇이 보내는지 확인하거나 알려진 형식으로 보내도록 하십시오',
        ),
        since: history.stateSince,
      };
    }
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
