import { AppError, describeThrown } from '../../core/app-error.ts';
import { cleanLine } from '../../core/text.ts';
import { failureText } from '../../domain/errors.ts';
import type { SourceFailure } from '../../domain/source-status.ts';

/** What was thrown, as a failure that can be shown. */
export const failureFrom = (thrown: unknown): SourceFailure =>
  thrown instanceof AppError
    ? { code: thrown.code, message: linesOf(thrown.message), hint: thrown.hint }
    : { code: 'INTERNAL', message: cleanLine(describeThrown(thrown)), hint: '' };

/** A message may be a list. */
const linesOf = (message: string): string =>
  message
    .split('\n')
    .map((line) => cleanLine(line))
    .join('\n');

export const failureOfThrown = (thrown: unknown): string => failureText(failureFrom(thrown)).trim();
