import type { Health, HealthReason } from '../../domain/health.ts';
import { FINDING_RULES } from '../findings/finding-rules.ts';
import { HEALTH_RULES } from './health-rules.ts';

const CODES: ReadonlySet<string> = new Set(
  [...HEALTH_RULES, ...FINDING_RULES].flatMap((rule) => (rule.raisesAlarm === true ? [rule.code] : [])),
);

/** True for a reason somebody who looks elsewhere is told of. */
export const isAlarm = ({ code, level }: HealthReason): boolean => level !== 'ok' && CODES.has(code);

/** Level of the worst alarm among a server's reasons; what is no longer heard is a warning. */
export function alarmLevelOf({ reasons }: Health): 'warn' | 'error' | undefined {
  let level: 'warn' | 'error' | undefined;
  for (const reason of reasons) {
    if (!isAlarm(reason)) continue;
    if (reason.level === 'error') return 'error';
    level = 'warn';
  }
  return level;
}
