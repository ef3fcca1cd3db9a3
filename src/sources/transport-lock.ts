import type { AppError } from '../core/app-error.ts';
import { appError, type ErrorCode } from '../domain/errors.ts';
import { type Effect, isAllowed, type ModeInForce } from '../domain/policy.ts';
import type { HttpGate } from './http-client.ts';

/** The mode that holds for a source's context at the moment something is about to leave. */
export type ModeReader = () => ModeInForce;

/** TRANSPORT_LOCKED unless the mode allows an effect; `what` names the request without secrets. */
export function assertUnlocked(what: string, effect: Effect, { mode, origin }: ModeInForce): void {
  if (isAllowed(mode, effect)) return;
  throw lockError(`${what}: refused by the client in mode ${mode} (set by ${origin}): ${REASONS[effect]}`);
}

/** A request nothing is known about leaves in no mode. */
export function unclassified(what: string, why: string): AppError<ErrorCode> {
  return lockError(`${what}: refused by the client in every mode: ${why}`);
}

/** For what is only looked at, whatever the mode. */
export const onlyReads: HttpGate = ({ method, what }) => {
  if (method !== 'GET') throw unclassified(what, 'a probe only reads');
};

const lockError = (message: string): AppError<ErrorCode> => appError('TRANSPORT_LOCKED', message);

const REASONS: Record<Effect, string> = {
  observe: 'it only reads',
  diagnose: 'it is more than a read',
  change: 'it may change something',
  destroy: 'it may end something',
};
