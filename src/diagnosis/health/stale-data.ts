import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

export const staleData: HealthRule = {
  code: 'stale-data',
  check({ source, context }) {
    if (source === undefined || source.state === 'live' || source.state === 'connecting') return undefined;
    return {
      level: 'unknown',
      text: text(
        `${context} no longer tells about this server (${source.error?.code ?? source.state})`,
        `${context}에서 이 서버의 정보가 더 이상 오지 않음 (${source.error?.code ?? source.state})`,
      ),
      next: text(`Look at ${context} in :contexts`, `:contexts에서 ${context}을(를) 확인하십시오`),
      since: source.lastGoodAt,
    };
  },
};
