import type { ManagerRead } from '../../domain/registration.ts';
import { text } from '../../domain/text.ts';
import type { FindingDraft } from './finding-input.ts';

const DAY_MS = 86_400_000;
const WARN_DAYS = 30;
const ERROR_DAYS = 7;
const WARN_SHARE = 0.9;

/** About a Manager, not a server: its licence runs out by time or by count. */
export const licenceEnding = {
  code: 'licence-ending',
  check({ licence, ref }: ManagerRead, now: number): FindingDraft | undefined {
    const next = text('Ask for a new licence in time', '늦지 않게 라이선스를 갱신하십시오');
    const manager = ref.context;
    if (licence?.endsAt !== undefined) {
      const days = Math.floor((licence.endsAt - now) / DAY_MS);
      if (days < WARN_DAYS) {
        const isOver = licence.endsAt <= now;
        return {
          level: days < ERROR_DAYS ? 'error' : 'warn',
          text: isOver
            ? text(`The licence of Manager ${manager} has ended`, `Manager ${manager}의 라이선스가 만료됨`)
            : text(
                `The licence of Manager ${manager} ends in ${days} days`,
                `Manager ${manager}의 라이선스가 ${days}일 후 만료됨`,
              ),
          next,
        };
      }
    }
    const { used, total } = licence ?? {};
    if (used === undefined || total === undefined || total <= 0 || used < total * WARN_SHARE)
      return undefined;
    return {
      level: used >= total ? 'error' : 'warn',
      text: text(
        `Manager ${manager} uses ${used} of ${total} licences`,
        `Manager ${manager}: 라이선스 ${total}개 중 ${used}개 사용`,
      ),
      next,
    };
  },
} as const;
