import { silent } from '../../diagnosis/findings/silent.ts';
import { isAlarm } from '../../diagnosis/health/alarm-codes.ts';
import { noLongerHeard } from '../../diagnosis/health/no-longer-heard.ts';
import type { Health } from '../../domain/health.ts';

/** Who says nothing has no series to keep; a network that fails must not displace those that are in trouble. */
const OF_SILENCE: ReadonlySet<string> = new Set([silent.code, noLongerHeard.code]);

/** True where a server's JVM is why its health is not well. */
export const isJvmTrouble = ({ level, reasons }: Health): boolean =>
  level !== 'ok' && reasons.some((reason) => isAlarm(reason) && !OF_SILENCE.has(reason.code));
