import { isAlarm, isOfSilence } from '../../diagnosis/health/alarm-codes.ts';
import type { Health } from '../../domain/health.ts';

/**
 * True where a server's JVM is why its health is not well. Who says nothing has no series to keep; a network that fails
 * must not displace those that are in trouble.
 */
export const isJvmTrouble = ({ level, reasons }: Health): boolean =>
  level !== 'ok' && reasons.some((reason) => isAlarm(reason) && !isOfSilence(reason));
