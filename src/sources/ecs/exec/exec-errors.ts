import type { AppError } from '../../../core/app-error.ts';
import { appError, type ErrorCode } from '../../../domain/errors.ts';
import type { ExecObstacle } from '../../../domain/remote.ts';
import { NOT_ENABLED_HINT, UNCONNECTED_HINT } from './exec-obstacle.ts';

/** Whether looking at the task may tell more than ECS did of why it gives no session. */
export const mayTellMore = (error: AppError<ErrorCode>): boolean =>
  nameOf(error) === 'InvalidParameterException' || nameOf(error) === 'TargetNotConnectedException';

/** Why ECS gave no session, in the words of the table; `obstacle` where the task itself tells. */
export function executeError(
  error: AppError<ErrorCode>,
  obstacle: ExecObstacle | undefined,
): AppError<ErrorCode> {
  const { message } = error;
  const of = (code: ErrorCode, words: string, hint?: string) => appError(code, words, { cause: error, hint });
  if (obstacle !== undefined)
    return of('ACTION_IMPOSSIBLE', `${message} (${obstacle.why.en})`, obstacle.next?.en ?? NOT_ENABLED_HINT);
  switch (nameOf(error)) {
    case 'TargetNotConnectedException':
      return of('ACTION_IMPOSSIBLE', message, UNCONNECTED_HINT);
    case 'InvalidParameterException':
      return /\bnot found\b/i.test(message)
        ? of('NOT_FOUND', message)
        : of('ACTION_IMPOSSIBLE', message, NOT_ENABLED_HINT);
    case 'ClientException':
      return of('ACTION_IMPOSSIBLE', message);
    default:
      return error.code === 'FORBIDDEN' ? of('PERMISSION_DENIED', message, GRANT_HINT) : error;
  }
}

const GRANT_HINT =
  'Ask for ecs:ExecuteCommand on the task and its cluster, or look at the conditions of the policy that gives it.';
const nameOf = ({ cause }: AppError): string => (cause instanceof Error ? cause.name : '');
