import type { Health, HealthReason } from '../../domain/health.ts';
import { FINDING_RULES } from '../findings/finding-rules.ts';
import { silent } from '../findings/silent.ts';
import { HEALTH_RULES } from './health-rules.ts';
import { noLongerHeard } from './no-longer-heard.ts';

const CODES: ReadonlySet<string> = new Set(
  [...HEALTH_RULES, ...FINDING_RULES].flatMap((rule) => (rule.raisesAlarm === true ? [rule.code] : [])),
);

/** True for a reason somebody who looks elsewhere is told of. */
export const isAlarm = ({ code, level }: HealthReason): boolean => level !== 'ok' && CODES.has(code);

const OF_SILENCE: ReadonlySet<string> = new Set([silent.code, noLongerHeard.code]);

/** True for a reason that says a server is not heard: what else was known of it is old. */
export const isOfSilence = ({ code }: HealthReason): boolean => OF_SILENCE.has(code);

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
