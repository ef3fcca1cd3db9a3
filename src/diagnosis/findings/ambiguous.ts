import { text } from '../../domain/text.ts';
import type { FindingRule } from './finding-input.ts';

export const ambiguous: FindingRule = {
  code: 'ambiguous',
  check({ server, ambiguity }) {
    if (ambiguity === undefined) return undefined;
    const named = ambiguity.candidates.join(', ');
    const isSender = ambiguity.record === 'sender';
    return {
      level: 'warn',
      text: text(
        `${isSender ? 'The datagrams' : 'The registration'} of ${server.name} could belong to ${named}`,
        `${server.name}의 ${isSender ? '데이터그램' : '등록 정보'}이(가) ${named} 중 어느 것인지 알 수 없음`,
      ),
      next: text(
        'Say which with servers.identity in the config, or give the contexts their network',
        '설정의 servers.identity로 지정하거나 컨텍스트의 network를 설정하십시오',
      ),
    };
  },
};
