import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

/** Less is a long collection, or a moment without a processor. */
const STALLED_MS = 4_000;
const UNANSWERED_MS = 5_000;
const UNANSWERED_ERROR_MS = 15_000;

const seconds = (ms: number): string => String(Math.round(ms / 1_000));

/** The process stands still: nothing it last said holds now. */
export const jvmStalled: HealthRule = {
  code: 'jvm-stalled',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, now, name }) {
    const ms = jvm?.stalledMs;
    if (ms === undefined || !(ms >= STALLED_MS)) return undefined;
    return {
      level: 'error',
      text: text(
        `${name} has stood still for ${seconds(ms)} s: its agent sees the process, but its JVM does nothing`,
        `${name}: ${seconds(ms)}초째 멈춰 있음. 에이전트에는 프로세스가 보이지만 JVM이 아무 일도 하지 않음`,
      ),
      next: text(
        'See on its host whether the process was stopped (ps: state T or D), its container is frozen or throttled, or the node has no memory or processor left',
        '호스트에서 프로세스가 중지되었는지(ps 상태 T 또는 D), 컨테이너가 멈췄거나 제한되는지, 노드의 메모리·CPU가 바닥났는지 확인하십시오',
      ),
      since: now - ms,
    };
  },
};

/** Its agent asks through a connector as everybody does: where all threads are taken it waits with the others. */
export const notAnswering: HealthRule = {
  code: 'not-answering',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, now, name }) {
    const ms = jvm?.unansweredMs;
    if (ms === undefined || !(ms >= UNANSWERED_MS)) return undefined;
    return {
      level: ms >= UNANSWERED_ERROR_MS ? 'error' : 'warn',
      text: text(
        `${name} has not answered its agent for ${seconds(ms)} s: all threads of that connector may be taken`,
        `${name}: ${seconds(ms)}초째 에이전트 요청에 응답 없음. 해당 커넥터의 스레드가 모두 사용 중일 수 있음`,
      ),
      next: text(
        'Users wait as the agent does: take thread dumps (jstack on its host) to see what the request threads wait for',
        '사용자 요청도 같은 상태입니다. 호스트의 jstack으로 스레드 덤프를 받아 요청 스레드의 대기 원인을 확인하십시오',
      ),
      since: now - ms,
    };
  },
};
