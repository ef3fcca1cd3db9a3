import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

/** It started without the configuration it asked its Manager for. */
export const templateFailed: HealthRule = {
  code: 'template-failed',
  check({ instance, name, state }) {
    if (instance?.templateStart?.hasFailed !== true) return undefined;
    return {
      // It serves, with whatever configuration its image holds.
      level: state === 'ready' ? 'warn' : 'error',
      text: text(
        `${name} could not download its LENA template when it started`,
        `${name}: 시작할 때 LENA 템플릿을 내려받지 못함`,
      ),
      next: text(
        'Check LENA_MANAGER_ADDRESS, LENA_MANAGER_KEY and the template id, then restart it',
        'LENA_MANAGER_ADDRESS, LENA_MANAGER_KEY, 템플릿 ID를 확인한 뒤 재시작하십시오',
      ),
      since: instance.startedAt,
    };
  },
};
