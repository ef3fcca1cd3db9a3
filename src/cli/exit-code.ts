import { ERRORS, type ErrorCode } from '../domain/errors.ts';
import type { ContextView } from '../domain/source-status.ts';

/** Stable exit codes (README, Exit codes). */
export const EXIT = {
  done: 0,
  error: 1,
  usage: 2,
  partial: 3,
  refused: 4,
  actionFailed: 5,
  outcomeUnknown: 6,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT] | number;

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

/** 2 for what the user gave, 1 for anything else. */
export function exitCodeOf(code: string): ExitCode {
  return isErrorCode(code) && ERRORS[code].stage === 'configure' && code !== 'TARGET_UNKNOWN'
    ? EXIT.usage
    : EXIT.error;
}

const hasFailed = ({ status }: ContextView): boolean =>
  status.state === 'failed' || status.state === 'denied' || status.state === 'connecting';

/** 0 when all sources answered, 3 when some did not, 1 when none did. */
export function exitCodeOfSources(contexts: readonly ContextView[]): ExitCode {
  const failed = contexts.filter(hasFailed).length;
  if (failed === 0) return EXIT.done;
  return failed === contexts.length ? EXIT.error : EXIT.partial;
}

export const signalExitCode = (signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM'): number =>
  128 + { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal];
