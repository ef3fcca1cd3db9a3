import { ERRORS, type FailureStage, isErrorCode } from '../domain/errors.ts';
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

const EXIT_OF_STAGE: Readonly<Record<FailureStage, ExitCode>> = {
  configure: EXIT.usage,
  reach: EXIT.error,
  authenticate: EXIT.error,
  allow: EXIT.error,
  use: EXIT.error,
  refuse: EXIT.refused,
  act: EXIT.actionFailed,
};
/** Codes that leave otherwise than their stage. */
const EXCEPTIONS: Readonly<Record<string, ExitCode>> = {
  TARGET_UNKNOWN: EXIT.error,
  TARGET_UNSEEN: EXIT.partial,
  OUTCOME_UNKNOWN: EXIT.outcomeUnknown,
};

/** 2 for what the user gave, 4 for what our gate refused, 5 and 6 for an action, 1 for anything else. */
export const exitCodeOf = (code: string): ExitCode =>
  EXCEPTIONS[code] ?? (isErrorCode(code) ? EXIT_OF_STAGE[ERRORS[code].stage] : EXIT.error);

/** True for a target that gave nothing (or nothing fresh) to read. */
export const hasFailed = ({ status }: ContextView): boolean =>
  status.state === 'failed' || status.state === 'denied' || status.state === 'connecting';

/** 0 when all sources answered, 3 when some did not, 1 when none did. */
export function exitCodeOfSources(contexts: readonly ContextView[]): ExitCode {
  const failed = contexts.filter(hasFailed).length;
  if (failed === 0) return EXIT.done;
  return failed === contexts.length ? EXIT.error : EXIT.partial;
}

export const signalExitCode = (signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM'): number =>
  128 + { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal];
