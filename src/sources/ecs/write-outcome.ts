import type { Sent } from '../../domain/call.ts';
import { type ErrorCode, isTableError, sourceFailure } from '../../domain/errors.ts';
import { statusOf, toEcsError } from './ecs-errors.ts';

/** Codes a refusal of a write has, where they differ from a read's. */
const REFUSALS: Readonly<Record<string, ErrorCode>> = {
  ConflictException: 'CONFLICT',
  UpdateInProgressException: 'CONFLICT',
  ResourceInUseException: 'CONFLICT',
  LimitExceededException: 'ACTION_IMPOSSIBLE',
  ServiceNotActiveException: 'ACTION_IMPOSSIBLE',
};
/** Of errors before the first byte: a connection that never stood, a name that does not resolve, no trust. */
const NEVER_CONNECTED = new Set<ErrorCode>(['TLS_UNTRUSTED', 'TLS_EXPIRED', 'NAME_UNKNOWN', 'REFUSED']);

/** What became of a write that ended in an error; `hasLeft` once the lock let it pass. */
export function outcomeOfError(thrown: unknown, facts: { what: string; hasLeft: boolean }): Sent {
  const { what, hasLeft } = facts;
  const error = toEcsError(thrown, what);
  const ended = (outcome: 'failed' | 'unknown' | 'notSent', code: ErrorCode): Sent => ({
    outcome,
    // A hint that was made for this very failure stays; others follow the code.
    error:
      code === error.code
        ? { code, message: error.message, hint: error.hint }
        : sourceFailure(code, error.message),
  });
  if (isTableError(thrown) || !hasLeft) return ended('notSent', error.code);
  const status = statusOf(thrown);
  if (status === undefined) {
    const isUnborn = NEVER_CONNECTED.has(error.code) || failedToConnect(thrown);
    return isUnborn ? ended('notSent', error.code) : ended('unknown', 'OUTCOME_UNKNOWN');
  }
  // An answer that is none of ECS's own refusals (a proxy's page, a redirect, 5xx) does not tell what was done.
  if (status < 400 || status >= 500 || status === 408 || !isEcsRefusal(thrown))
    return ended('unknown', 'OUTCOME_UNKNOWN');
  return ended('failed', refusalCode(thrown, error.code, error.message));
}

function refusalCode(thrown: unknown, code: ErrorCode, message: string): ErrorCode {
  const name = thrown instanceof Error ? thrown.name : '';
  const known = REFUSALS[name];
  if (known !== undefined) return known;
  if (code === 'FORBIDDEN') return 'PERMISSION_DENIED';
  if (/\b(was|were) not found|does not exist|unable to describe/i.test(message)) return 'NOT_FOUND';
  return code === 'UNEXPECTED_ANSWER' ? 'ACTION_IMPOSSIBLE' : code;
}

/** The SDK could read an error of the service in the answer: it has a name of its own. */
const isEcsRefusal = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  '$fault' in thrown &&
  thrown.$fault === 'client' &&
  !/^(Unknown|Error)/.test(thrown.name);

/** True where the failing system call was the connection's own, or the SDK says that there was none in time. */
function failedToConnect(thrown: unknown): boolean {
  for (let current: unknown = thrown, depth = 0; current instanceof Error && depth < 5; depth++) {
    if ('syscall' in current && (current.syscall === 'connect' || current.syscall === 'getaddrinfo'))
      return true;
    if (/did not establish a connection/.test(current.message)) return true;
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return false;
}
