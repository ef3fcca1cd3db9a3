import { AppError, describeThrown } from '../../core/app-error.ts';
import { cleanLine } from '../../core/text.ts';
import { sourceFailure } from '../../domain/errors.ts';
import type { SourceFailure } from '../../domain/source-status.ts';
import type { Text } from '../../domain/text.ts';
import { maskText } from '../mask.ts';

/** One line of anything a remote or a plan said, fit for screen and audit. */
export const safeLine = (said: string, maxLength = 1_000): string => maskText(cleanLine(said, maxLength));
export const safeText = ({ en, ko }: Text): Text => ({ en: safeLine(en), ko: safeLine(ko) });

/** A message may be a list: its lines stay lines where it is shown by itself, before anything is begun. */
const MAX_LINES = 40;
export function safeRefusal(thrown: unknown): AppError {
  const { code, message, hint } = failureOf(thrown);
  if (!(thrown instanceof AppError)) return new AppError(code, message, { hint });
  const lines = thrown.message.split('\n').slice(0, MAX_LINES);
  return new AppError(code, lines.map((line) => safeLine(line)).join('\n'), { hint });
}

export const safeFailure = ({ code, message, hint }: SourceFailure): SourceFailure => ({
  code,
  message: safeLine(message),
  hint,
});

/** What was thrown, as a failure; anything but an AppError is our own fault. */
export function failureOf(thrown: unknown): SourceFailure {
  if (thrown instanceof AppError) return safeFailure(thrown);
  return sourceFailure('INTERNAL', safeLine(describeThrown(thrown)));
}

export const errorOf = ({ code, message, hint }: SourceFailure): AppError =>
  new AppError(code, message, { hint });
