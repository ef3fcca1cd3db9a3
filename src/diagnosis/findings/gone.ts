import { text } from '../../domain/text.ts';
import type { FindingRule } from './finding-input.ts';

/** A Manager clears up after itself; what it still lists after this is a leftover. */
export const GONE_GRACE_MS = 60_000;

export const gone: FindingRule = {
  code: 'gone',
  check({ goneSince, server, now, lookAgainAt }) {
    if (goneSince === undefined) return undefined;
    if (now - goneSince < GONE_GRACE_MS) {
      lookAgainAt(goneSince + GONE_GRACE_MS);
      return undefined;
    }
    return {
      level: 'warn',
      text: text(
        `Manager ${server.ref.context} still lists ${server.name}, which its orchestrator dropped`,
        `${server.name}: 오케스트레이터에서 사라졌지만 Manager ${server.ref.context}에 남아 있음`,
      ),
      next: text(
        'Remove it in the Manager, or wait for its own clean-up',
        'Manager에서 제거하거나 자동 정리를 기다리십시오',
      ),
      since: goneSince,
    };
  },
};
