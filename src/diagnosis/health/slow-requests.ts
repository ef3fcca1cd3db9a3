import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

export const slowRequests: HealthRule = {
  code: 'slow-requests',
  check({ jvm, history, levels, now, name, lookAgainAt }) {
    const count = jvm?.active?.over8s ?? 0;
    if (count <= 0) return undefined;
    const since = history.slowSince ?? now;
    const isStuck = now - since >= levels.stuckMs;
    if (!isStuck) lookAgainAt(since + levels.stuckMs);
    return {
      level: isStuck ? 'error' : 'warn',
      text: text(
        `${name} has ${count} requests running for over 8 s`,
        `${name}: 8초 넘게 실행 중인 요청 ${count}건`,
      ),
      next: text(
        'Take a service dump or thread dumps at its Manager, or jstack in its container, to see what they wait for',
        'Manager의 서비스 덤프·스레드 덤프나 컨테이너의 jstack으로 대기 원인을 확인하십시오',
      ),
      since,
    };
  },
};

export const stuckThreads: HealthRule = {
  code: 'stuck-threads',
  check({ jvm, name }) {
    const count = jvm?.threads?.stuck ?? 0;
    if (count <= 0) return undefined;
    return {
      level: 'error',
      text: text(`${name} has ${count} stuck threads`, `${name}: 멈춘(stuck) 스레드 ${count}개`),
      next: text(
        'Take three thread dumps ten seconds apart, at its Manager or with jstack in its container',
        'Manager 또는 컨테이너의 jstack으로 10초 간격 스레드 덤프를 세 번 받으십시오',
      ),
    };
  },
};
