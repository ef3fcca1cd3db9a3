import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

export const slowRequests: HealthRule = {
  code: 'slow-requests',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, history, levels, now, name, lookAgainAt }) {
    const count = jvm?.active?.over8s ?? 0;
    if (!(count > 0)) return undefined;
    const since = history.slowSince ?? now;
    const isStuck = now - since >= levels.stuckMs;
    if (!isStuck) lookAgainAt(since + levels.stuckMs);
    const minutes = Math.floor((now - since) / 60_000);
    const forEn = isStuck && minutes > 0 ? `, some for ${minutes} min now` : '';
    const forKo = isStuck && minutes > 0 ? ` (${minutes}분째 이어짐)` : '';
    return {
      level: isStuck ? 'error' : 'warn',
      text: text(
        `${name} has ${count} ${count === 1 ? 'request' : 'requests'} running for over 8 s${forEn}`,
        `${name}: 8초 넘게 실행 중인 요청 ${count}건${forKo}`,
      ),
      next: text(
        'See on its JVM page (m) whether a data source or a connector is full; then take a service dump or thread dumps at its Manager, or jstack in its container, to see what they wait for',
        'JVM 화면(m)에서 데이터소스나 커넥터가 가득 찼는지 보고, Manager의 서비스 덤프·스레드 덤프나 컨테이너의 jstack으로 대기 원인을 확인하십시오',
      ),
      since,
    };
  },
};

export const stuckThreads: HealthRule = {
  code: 'stuck-threads',
  readsJvm: true,
  raisesAlarm: true,
  check({ jvm, name }) {
    const count = jvm?.threads?.stuck ?? 0;
    if (!(count > 0)) return undefined;
    return {
      level: 'error',
      text: text(
        `${name} has ${count} stuck ${count === 1 ? 'thread' : 'threads'}`,
        `${name}: 멈춘(stuck) 스레드 ${count}개`,
      ),
      next: text(
        'Take three thread dumps ten seconds apart, at its Manager or with jstack in its container',
        'Manager 또는 컨테이너의 jstack으로 10초 간격 스레드 덤프를 세 번 받으십시오',
      ),
    };
  },
};
