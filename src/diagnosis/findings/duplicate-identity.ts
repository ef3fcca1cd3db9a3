import { text } from '../../domain/text.ts';
import type { FindingRule } from './finding-input.ts';

export const duplicateIdentity: FindingRule = {
  code: 'duplicate-identity',
  check({ server, rivals }) {
    if (rivals.length === 0) return undefined;
    const named = rivals.join(', ');
    return {
      level: 'warn',
      text: text(`${named} claims to be ${server.name} as well`, `${named}도 ${server.name}(이)라고 주장함`),
      next: text(
        'Give each JVM its own -Dlena.name (or server id), so that figures do not mix',
        '값이 섞이지 않도록 JVM마다 고유한 -Dlena.name(또는 서버 id)을 지정하십시오',
      ),
    };
  },
};
