import { AppError, describeThrown } from '../../../core/app-error.ts';
import { cleanLine } from '../../../core/text.ts';
import { appError, sourceFailure } from '../../../domain/errors.ts';
import { maskWords } from '../../../domain/secret-name.ts';
import type { SourceFailure } from '../../../domain/source-status.ts';
import { type Text, text } from '../../../domain/text.ts';
import { thrownFailure } from '../../container-commands.ts';

/** What a tool said, fit for a message. */
export const saidLine = (said: string): string => maskWords(cleanLine(said, 300)).trim();

/** The words of whatever was thrown, fit for a message. */
export const messageOf = (thrown: unknown): string =>
  saidLine(thrown instanceof AppError ? thrown.message : describeThrown(thrown));

export const OTHER_USER_HINT =
  'Commands in the container run as another user than its JVM: let both be the image’s user, or start `l9s advertise --dumps` beside it.';

/** Of what only jcmd gives: no advertiser can be asked for a heap or its classes. */
export const NO_JCMD_HINT =
  'The image holds no such tool: use one with a JDK, or run `l9s advertise --dumps` beside it (for a heap with --allow-heap-dumps).';

/** A failure as an error of a dump: what a probe calls it is told in words of dumps. */
export function dumpError(failure: SourceFailure): AppError {
  const { code, message, hint } = asDump(failure);
  return new AppError(code, message, { hint });
}

function asDump(failure: SourceFailure): SourceFailure {
  const { code, message } = failure;
  switch (code) {
    // A probe's word for a container in which not even files can be listed.
    case 'ACTION_IMPOSSIBLE':
      return /the container has no `/.test(message)
        ? sourceFailure(
            'NO_TOOL',
            message.replace(/, so that nothing.*$/, ': its JVM cannot be found from outside'),
          )
        : failure;
    case 'PERF_DATA_DENIED':
      return sourceFailure('PERMISSION_DENIED', message, OTHER_USER_HINT);
    case 'PERF_DATA_MISSING':
      return sourceFailure('NO_JVM', message);
    case 'NOT_FOUND':
      return { code, message, hint: 'The pod is gone; take the dump of its successor.' };
    default:
      return failure;
  }
}

/** What was thrown on the way to the container, as an error that says what may be done. */
export const thrownError = (thrown: unknown, name: string): AppError =>
  thrown instanceof AppError && KEPT.has(thrown.code) ? thrown : dumpError(thrownFailure(thrown, name));

/** Why a way does not lead there, of what was thrown while it was asked. */
export function thrownWords(thrown: unknown): readonly [why: Text, next?: Text] {
  const line = messageOf(thrown);
  return thrown instanceof AppError ? [text(line, line), text(thrown.hint, thrown.hint)] : [text(line, line)];
}

/** Said by ourselves, with everything it takes. */
const KEPT: ReadonlySet<string> = new Set([
  'DUMP_FAILED',
  'DUMP_TOO_LARGE',
  'DUMP_DAMAGED',
  'DISK_FULL',
  'STATE_UNWRITABLE',
  'NO_TOOL',
  'NO_JVM',
  'TIMEOUT',
]);

/** It ended while it was still speaking. */
export const cutError = (how: string, name: string, why: string): AppError =>
  appError('DUMP_FAILED', `${how} in ${name}: ${why}; nothing of it was kept`, {
    hint: 'Take it again; if it stays, see whether the container or the connection to it goes (restarts, proxy, memory).',
  });
