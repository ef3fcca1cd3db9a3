import { text } from '../../domain/text.ts';
import type { HealthRule } from './health-input.ts';

/** How long an event of level error or critical counts. */
export const ALERT_MS = 300_000;

export const alerts: HealthRule = {
  code: 'alert',
  check({ alerts: events, now, name, lookAgainAt }) {
    const newest = events[0];
    if (newest === undefined || now - newest.at >= ALERT_MS) return undefined;
    lookAgainAt(newest.at + ALERT_MS);
    return {
      level: newest.level === 'critical' ? 'error' : 'warn',
      text: text(
        `${name} reported ${newest.type}: ${newest.message}`,
        `${name} 보고 ${newest.type}: ${newest.message}`,
      ),
      next: text('Look at its events (e)', '이벤트(e)를 확인하십시오'),
      since: newest.at,
    };
  },
};
