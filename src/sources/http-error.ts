import { type AppError, describeThrown, systemCode } from '../core/app-error.ts';
import { isTimeout } from '../core/deadline.ts';
import { cleanLine } from '../core/text.ts';
import { appError, type ErrorCode, isTableError } from '../domain/errors.ts';
import { maskUrl } from '../domain/secret-name.ts';
import type { SourceFailure } from '../domain/source-status.ts';

const BY_SYSTEM_CODE: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: 'REFUSED',
  ENOTFOUND: 'NAME_UNKNOWN',
  EAI_AGAIN: 'NAME_UNKNOWN',
  EAI_FAIL: 'NAME_UNKNOWN',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  EADDRNOTAVAIL: 'UNREACHABLE',
  EACCES: 'UNREACHABLE',
  EPERM: 'UNREACHABLE',
  ETIMEDOUT: 'TIMEOUT',
  ESOCKETTIMEDOUT: 'TIMEOUT',
  UND_ERR_CONNECT_TIMEOUT: 'TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'TIMEOUT',
  ECONNRESET: 'CONNECTION_LOST',
  ECONNABORTED: 'CONNECTION_LOST',
  EPIPE: 'CONNECTION_LOST',
  UND_ERR_SOCKET: 'CONNECTION_LOST',
  CERT_HAS_EXPIRED: 'TLS_EXPIRED',
  CERT_NOT_YET_VALID: 'TLS_EXPIRED',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS_UNTRUSTED',
  UNABLE_TO_GET_ISSUER_CERT: 'TLS_UNTRUSTED',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS_UNTRUSTED',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS_UNTRUSTED',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS_UNTRUSTED',
  CERT_UNTRUSTED: 'TLS_UNTRUSTED',
  CERT_REVOKED: 'TLS_UNTRUSTED',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS_UNTRUSTED',
  EPROTO: 'UNEXPECTED_ANSWER',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'UNEXPECTED_ANSWER',
  UND_ERR_HEADERS_OVERFLOW: 'UNEXPECTED_ANSWER',
};

/** The code of a failure on the way to a remote; `undefined` where it is not one of the network's. */
export function networkErrorCode(thrown: unknown): ErrorCode | undefined {
  if (isTimeout(thrown)) return 'TIMEOUT';
  const system = systemCode(thrown);
  if (system === undefined) return undefined;
  if (system.startsWith('HPE_') || system.startsWith('ERR_SSL_')) return 'UNEXPECTED_ANSWER';
  return BY_SYSTEM_CODE[system];
}

/** Anything thrown, as one error of the table. `what` names the attempt and its target, without secrets. */
export function toAppError(thrown: unknown, what: string): AppError<ErrorCode> {
  if (isTableError(thrown)) return thrown;
  const code = networkErrorCode(thrown) ?? 'REMOTE_ERROR';
  const detail = code === 'TIMEOUT' ? 'no answer in time' : cleanLine(maskUrl(describeThrown(thrown)), 300);
  return appError(code, `${what}: ${detail}`, { cause: thrown });
}

export const toFailure = (error: AppError): SourceFailure => ({
  code: error.code,
  message: error.message,
  hint: error.hint,
});
