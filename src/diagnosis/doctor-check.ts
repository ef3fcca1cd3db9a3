import type { ContextView } from '../domain/source-status.ts';

/** One line of `l9s doctor`: a target, a check, its outcome and what to do. */
export interface DoctorCheck {
  readonly context: string;
  readonly check: string;
  readonly outcome: 'ok' | 'warn' | 'failed' | 'skipped';
  readonly detail: string;
  readonly next?: string | undefined;
}

export const checkOf = (
  { name: context }: ContextView,
  check: string,
  outcome: DoctorCheck['outcome'],
  { detail, next }: Pick<DoctorCheck, 'detail' | 'next'>,
): DoctorCheck => ({ context, check, outcome, detail, next });
