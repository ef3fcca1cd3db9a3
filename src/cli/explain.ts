import { AppError, describeThrown } from '../core/app-error.ts';
import { cleanText } from '../core/text.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts';
import type { Output } from './output.ts';

/** One error, on stderr: code, what failed, what to do; the answer is the exit code it stands for. */
export function explain(error: unknown, output: Output): ExitCode {
  if (error instanceof AppError) {
    output.warn(cleanText(`l9s: ${error.code}: ${error.message}\n${error.hint}`));
    return exitCodeOf(error.code);
  }
  output.warn(cleanText(`l9s: INTERNAL: ${describeThrown(error)}`));
  if (process.env['L9S_DEBUG'] !== undefined && error instanceof Error) {
    output.warn(cleanText(error.stack ?? ''));
  }
  return EXIT.error;
}
