import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

/** Reason of the state of a server only its own datagrams told of, since they stopped without a goodbye. */
export const NO_LONGER_HEARD = 'no longer heard';

export const noLongerHeard: HealthRule = {
  code: 'no-longer-heard',
  raisesAlarm: true,
  check({ state, stateReason, name, history, source }) {
    if (state !== 'unknown' || stateReason !== NO_LONGER_HEARD) return undefined;
    // A receiver that does not listen hears nobody; that its word is old is a reason already.
    if (source !== undefined && source.state !== 'live' && source.state !== 'connecting') return undefined;
    return {
      level: 'unknown',
      text: text(
        `${name} stopped sending without a goodbye, and nobody else tells of it`,
        `${name}: 종료 알림 없이 데이터그램이 끊겼고 다른 출처도 없음`,
      ),
      next: text(
        'See on its host whether the JVM still runs; l9s doctor shows what still arrives on the port',
        '호스트에서 JVM이 실행 중인지 확인하십시오. l9s doctor가 포트에 무엇이 도착하는지 보여 줍니다',
      ),
      since: history.stateSince,
    };
  },
};
