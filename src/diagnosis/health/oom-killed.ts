import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

const REMEMBERED_MS = 3_600_000;
const OOM = /OOMKilled|OutOfMemory/;

export const oomKilled: HealthRule = {
  code: 'oom-killed',
  check({ instance, now, name, stateReason, lookAgainAt }) {
    for (const { state, reason, lastTermination } of instance?.containers ?? []) {
      const isNow = (state !== 'running' && OOM.test(reason ?? '')) || OOM.test(stateReason ?? '');
      const last = OOM.test(lastTermination?.reason ?? '') ? lastTermination : undefined;
      if (!isNow && last === undefined) continue;
      if (!isNow && last?.at !== undefined) {
        if (now - last.at >= REMEMBERED_MS) continue;
        lookAgainAt(last.at + REMEMBERED_MS);
      }
      return {
        level: isNow ? 'error' : 'warn',
        text: text(
          `${name} was killed for using more memory than its limit`,
          `${name}: 메모리 제한을 넘어 강제 종료됨`,
        ),
        next: text(
          'Compare the memory limit with heap, metaspace and threads together; look for a leak',
          '메모리 제한을 힙, 메타스페이스, 스레드의 합과 비교하고 누수를 확인하십시오',
        ),
        since: last?.at,
      };
    }
    return undefined;
  },
};
