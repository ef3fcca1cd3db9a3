import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

const WINDOW_MS = 900_000;
const MANY = 3;

export const restartingOften: HealthRule = {
  code: 'restarting-often',
  raisesAlarm: true,
  check({ history, instance, now, name, lookAgainAt }) {
    let seen = 0;
    let oldest: number | undefined;
    for (const at of history.restartedAt) {
      if (now - at >= WINDOW_MS) continue;
      seen++;
      oldest ??= at;
    }
    // Before we looked, only the counter and the last end are known.
    const last = instance?.containers[0]?.lastTermination?.at;
    const wasRecent = last !== undefined && now - last < WINDOW_MS && (instance?.restarts ?? 0) >= MANY;
    if (seen < MANY && !wasRecent) return undefined;
    lookAgainAt((seen < MANY ? (last ?? now) : (oldest ?? now)) + WINDOW_MS);
    const count = seen < MANY ? (instance?.restarts ?? seen) : seen;
    return {
      level: 'warn',
      text: text(
        seen < MANY
          ? `${name} restarted ${count} times so far, the last time within 15 min`
          : `${name} restarted ${count} times within 15 min`,
        seen < MANY
          ? `${name}: 지금까지 ${count}회 재시작, 최근 15분 안에도 재시작함`
          : `${name}: 15분 안에 ${count}회 재시작`,
      ),
      next: text(
        'Read the log of its previous run and its last exit code',
        '이전 실행의 로그와 마지막 종료 코드를 확인하십시오',
      ),
      since: oldest ?? last,
    };
  },
};
