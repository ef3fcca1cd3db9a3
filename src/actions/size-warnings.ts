import type { PlanWarning } from '../domain/plan.ts';
import { text } from '../domain/text.ts';

/** What another number of servers means for those that run. */
export function sizeWarnings(name: string, before: number, replicas: number): readonly PlanWarning[] {
  if (replicas === 0) {
    const all = text(
      `All servers of ${name} end and none is left`,
      `${name}의 모든 서버가 종료되고 하나도 남지 않음`,
    );
    return [{ level: 'danger', code: 'scale-to-zero', text: all }];
  }
  if (replicas === before) {
    const same = text(`${name} has that many now`, `${name}은(는) 이미 그 수임`);
    return [{ level: 'info', code: 'no-change', text: same }];
  }
  if (replicas > before) return [];
  const some = text(
    `${before - replicas} of ${before} servers of ${name} end`,
    `${name}의 서버 ${before}개 중 ${before - replicas}개가 종료됨`,
  );
  return [{ level: 'info', code: 'scale-down', text: some }];
}
