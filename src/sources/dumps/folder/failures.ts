import { type AppError, describeThrown, systemCode } from '../../../core/app-error.ts';
import { appError } from '../../../domain/errors.ts';

/** The file system's refusal as one of ours; an AppError stays what it is. */
export function folderFailure(thrown: unknown, directory: string, hint?: string): AppError {
  switch (systemCode(thrown)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return appError('DISK_FULL', `${directory}: no space is left`, { cause: thrown });
    case 'EFBIG':
      return appError('DISK_FULL', `${directory}: a file of that size is not taken there`, { cause: thrown });
    default:
      return appError('STATE_UNWRITABLE', `${directory}: ${describeThrown(thrown)}`, {
        cause: thrown,
        hint,
      });
  }
}
