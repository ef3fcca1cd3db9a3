import { text } from '../../domain/text.ts';
import type { FindingRule } from './finding-input.ts';

/** What a dump showed says less of now with every minute. */
const COUNTS_MS = 900_000;

/** What the newest thread dump of this run showed, so that whoever sees the row knows of it. */
export const dumpVerdict: FindingRule = {
  code: 'dump-verdict',
  check({ server, dump, now, lookAgainAt }) {
    const [worst] = dump?.verdict ?? [];
    if (dump === undefined || worst === undefined) return undefined;
    if (worst.level !== 'error' && worst.level !== 'warn') return undefined;
    const { takenAt } = dump;
    // Another run of the server: what held the former one up went with it.
    if (server.startedAt !== undefined && takenAt < server.startedAt) return undefined;
    if (now >= takenAt + COUNTS_MS) return undefined;
    lookAgainAt(takenAt + COUNTS_MS);
    return {
      level: worst.level,
      text: text(
        `the newest thread dump of ${server.name} shows: ${worst.text.en}`,
        `${server.name}의 최근 스레드 덤프: ${worst.text.ko}`,
      ),
      next: worst.next ?? text('See its stacks: U, enter', 'U, enter로 스택을 확인하십시오'),
      since: takenAt,
    };
  },
};
