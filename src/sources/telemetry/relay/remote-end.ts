import { appError } from '../../../domain/errors.ts';
import type { StreamEnd } from '../../../domain/remote.ts';
import { complaintOf } from './relay-transport.ts';

const CANNOT_RUN = 126;
const NOT_THERE = 127;
const USAGE = 2;

/** Why `l9s attach --stdio` ended in its place, as an AppError. */
export function endError(place: string, { exitCode, stderr, notStarted }: StreamEnd) {
  const said = complaintOf(stderr);
  const behind = said === '' ? '' : `: ${said}`;
  if (notStarted !== undefined || exitCode === NOT_THERE || exitCode === CANNOT_RUN) {
    return appError('ATTACH_FAILED', `${place}: l9s is not there: ${notStarted ?? said}`, {
      hint: 'Attach to a container (or host) that has l9s on its PATH, such as a collector’s.',
    });
  }
  if (exitCode === undefined) {
    return appError('CONNECTION_LOST', `${place}: the connection ended${behind}`);
  }
  if (exitCode === USAGE) {
    return appError('ATTACH_FAILED', `${place}: the l9s there does not attach${behind}`, {
      hint: 'It may be older than this one: update it.',
    });
  }
  return appError('ATTACH_FAILED', `${place}: l9s attach ended with exit code ${exitCode}${behind}`);
}
