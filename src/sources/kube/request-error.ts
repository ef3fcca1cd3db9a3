import { AppError, describeThrown, systemCode } from '../../core/app-error.ts';
import { isTimeout } from '../../core/deadline.ts';
import { type Json, numberOf, recordOf, stringOf } from '../../core/json-read.ts';
import { ERRORS, type ErrorCode, isErrorCode } from '../../domain/errors.ts';
import { maskMessage } from './mask.ts';

/** A request that failed, with what the loops decide by. */
export class KubeRequestError extends AppError<ErrorCode> {
  /** HTTP status, where an answer came. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** 410: the version or the page asked for is forgotten. */
  readonly isGone: boolean;
  /** A continue token that goes on after a 410, if the server gave one. */
  readonly freshContinue: string | undefined;
  constructor(
    code: ErrorCode,
    message: string,
    facts: {
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly isGone?: boolean;
      readonly freshContinue?: string | undefined;
      readonly cause?: unknown;
      readonly hint?: string;
    } = {},
  ) {
    super(code, message, { hint: facts.hint ?? ERRORS[code].hint, cause: facts.cause });
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.isGone = facts.isGone ?? false;
    this.freshContinue = facts.freshContinue;
  }
}

const MAX_RETRY_AFTER_MS = 120_000;

/** `Retry-After` in seconds or as a date. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const waitMs = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1_000;
  return Number.isNaN(waitMs) ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, waitMs));
}

export const isStatusBody = (body: Json): boolean => body['kind'] === 'Status';

/** The error of a Status body: an HTTP answer's, or the object of a watch's ERROR event. */
export function statusError(
  what: string,
  body: Json,
  facts: { status: number; retryAfterMs?: number | undefined },
) {
  const details = recordOf(body['details']);
  const status = numberOf(body['code']) ?? facts.status;
  const said = maskMessage(stringOf(body['message']) ?? `HTTP ${status}`);
  const inBodyMs = numberOf(details['retryAfterSeconds']);
  const wait =
    facts.retryAfterMs ??
    (inBodyMs === undefined ? undefined : Math.min(MAX_RETRY_AFTER_MS, inBodyMs * 1_000));
  const isGone = status === 410 || body['reason'] === 'Expired' || body['reason'] === 'Gone';
  return new KubeRequestError(codeOf(status), `${what}: ${said}`, {
    status,
    retryAfterMs: wait,
    isGone,
    freshContinue: isGone ? stringOf(recordOf(body['metadata'])['continue']) : undefined,
  });
}

export function codeOf(status: number): ErrorCode {
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 429) return 'THROTTLED';
  if (status >= 300 && status < 400) return 'REDIRECTED';
  return 'REMOTE_ERROR';
}

const TLS_UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|CERT_REVOKED|INVALID_CA)$/;

const NETWORK: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ECONNREFUSED: ['REFUSED', 'connection refused'],
  ENOTFOUND: ['NAME_UNKNOWN', 'host name does not resolve'],
  EAI_AGAIN: ['NAME_UNKNOWN', 'name service does not answer'],
  EHOSTUNREACH: ['UNREACHABLE', 'no route to the host'],
  ENETUNREACH: ['UNREACHABLE', 'no route to the network'],
  ETIMEDOUT: ['TIMEOUT', 'connection timed out'],
  UND_ERR_CONNECT_TIMEOUT: ['TIMEOUT', 'connecting took too long'],
  ECONNRESET: ['CONNECTION_LOST', 'connection reset'],
  EPIPE: ['CONNECTION_LOST', 'connection closed'],
  UND_ERR_SOCKET: ['CONNECTION_LOST', 'connection closed'],
  UND_ERR_INVALID_ARG: [
    'KUBECONFIG_INVALID',
    'an address or a credential of the kubeconfig holds invalid characters',
  ],
  CERT_HAS_EXPIRED: ['TLS_EXPIRED', 'the server certificate has expired'],
  CERT_NOT_YET_VALID: ['TLS_EXPIRED', 'the server certificate is not valid yet'],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: [
    'UNAUTHORIZED',
    'the server does not know the authority of the client certificate',
  ],
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: ['UNAUTHORIZED', 'the client certificate has expired'],
  ERR_SSL_SSL_ALERT_CERTIFICATE_EXPIRED: ['UNAUTHORIZED', 'the client certificate has expired'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['UNEXPECTED_ANSWER', 'no TLS is spoken there'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['UNEXPECTED_ANSWER', 'no TLS is spoken there'],
};

/** Any thrown value of the transport as one error with a code of the table. */
export function transportError(what: string, thrown: unknown): KubeRequestError {
  if (thrown instanceof KubeRequestError) return thrown;
  if (thrown instanceof AppError && isErrorCode(thrown.code)) {
    return new KubeRequestError(thrown.code, thrown.message, { cause: thrown, hint: thrown.hint });
  }
  const code = systemCode(thrown);
  const known = code === undefined ? undefined : NETWORK[code];
  if (known !== undefined) return new KubeRequestError(known[0], `${what}: ${known[1]}`, { cause: thrown });
  if (code !== undefined && TLS_UNTRUSTED.test(code)) {
    return new KubeRequestError('TLS_UNTRUSTED', `${what}: the server certificate is not trusted (${code})`, {
      cause: thrown,
    });
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return new KubeRequestError('TLS_UNTRUSTED', `${what}: the server certificate is for another name`, {
      cause: thrown,
      hint: 'Use a name the certificate holds, or give it as tls-server-name of the kubeconfig’s cluster.',
    });
  }
  if (isTimeout(thrown))
    return new KubeRequestError('TIMEOUT', `${what}: no answer in time`, { cause: thrown });
  const said = maskMessage(describeThrown(thrown), 200);
  if (code?.startsWith('HPE_') === true) {
    return new KubeRequestError('UNEXPECTED_ANSWER', `${what}: the answer is not HTTP`, { cause: thrown });
  }
  // Nothing of the network throws these: a fault of ours must not pass for one of the target.
  if (code === undefined && (thrown instanceof TypeError || thrown instanceof RangeError)) {
    return new KubeRequestError('INTERNAL', `${what}: ${said}`, { cause: thrown });
  }
  return new KubeRequestError('UNREACHABLE', `${what}: ${said}`, { cause: thrown });
}
