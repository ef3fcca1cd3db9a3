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
        'Take a service dump (v) and thread dumps (t) to see what they wait for',
        '서비스 덤프(v)와 스레드 덤프(t)로 대기 원인을 확인하십시오',
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
      next: text('Take a series of thread dumps (T)', '스레드 덤프를 연속으로(T) 받으십시오'),
    };
  },
};
