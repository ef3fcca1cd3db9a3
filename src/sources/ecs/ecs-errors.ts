import { type AppError, describeThrown, systemCode } from '../../core/app-error.ts';
import { isTimeout } from '../../core/deadline.ts';
import { cleanLine } from '../../core/text.ts';
import { appError, type ErrorCode, isTableError } from '../../domain/errors.ts';
import { maskUrl } from '../../domain/secret-name.ts';
import { networkErrorCode } from '../http-error.ts';

const BY_NAME: Readonly<Record<string, ErrorCode>> = {
  AccessDeniedException: 'FORBIDDEN',
  AccessDenied: 'FORBIDDEN',
  UnauthorizedOperation: 'FORBIDDEN',
  OptInRequired: 'FORBIDDEN',
  ThrottlingException: 'THROTTLED',
  Throttling: 'THROTTLED',
  TooManyRequestsException: 'THROTTLED',
  RequestLimitExceeded: 'THROTTLED',
  LimitExceededException: 'THROTTLED',
  ExpiredTokenException: 'UNAUTHORIZED',
  ExpiredToken: 'UNAUTHORIZED',
  UnrecognizedClientException: 'UNAUTHORIZED',
  InvalidClientTokenId: 'UNAUTHORIZED',
  InvalidSignatureException: 'UNAUTHORIZED',
  IncompleteSignatureException: 'UNAUTHORIZED',
  MissingAuthenticationTokenException: 'UNAUTHORIZED',
  CredentialsProviderError: 'CREDENTIALS_MISSING',
  TokenProviderError: 'CREDENTIALS_MISSING',
  ClusterNotFoundException: 'NOT_FOUND',
  ServiceNotFoundException: 'NOT_FOUND',
  SyntaxError: 'UNEXPECTED_ANSWER',
};

/** What the AWS SDK threw, as one error of the table. `what` names the operation and the target. */
export function toEcsError(thrown: unknown, what: string): AppError<ErrorCode> {
  if (isTableError(thrown)) return thrown;
  const name = thrown instanceof Error ? thrown.name : '';
  const status = statusOf(thrown);
  // The SDK's own words about it speak to programmers.
  const isNoJson = name === 'SyntaxError';
  const said = isNoJson ? 'the answer is not JSON (a proxy or a login page?)' : describeThrown(thrown);
  const message = cleanLine(maskUrl(said.replace(/\s*Deserialization error:.*$/s, '')), 300);
  const of = (code: ErrorCode, hint?: string) =>
    appError(code, `${what}: ${message}`, { cause: thrown, hint });
  if (/region is missing/i.test(message)) return of('REGION_MISSING');
  if (/scoped to a valid region|not a valid region|Invalid region/i.test(message)) return of('REGION_WRONG');
  if (/multi-factor|mfa/i.test(message) && name === 'CredentialsProviderError') return of('NEEDS_LOGIN');
  if (
    /sso|token/i.test(message) &&
    /expired|invalid/i.test(message) &&
    BY_NAME[name] === 'CREDENTIALS_MISSING'
  ) {
    return of('UNAUTHORIZED', 'The login has expired: run `aws sso login` for this profile.');
  }
  if (/signature (not yet current|expired)/i.test(message)) {
    return of('UNAUTHORIZED', 'This machine’s clock differs from the remote’s: correct it.');
  }
  const known = BY_NAME[name];
  // A deserialiser trips over HTML and garbage; its error still carries the status that came with them.
  if (known !== undefined && (known !== 'UNEXPECTED_ANSWER' || status === undefined)) return of(known);
  // The SDK calls a reset a time-out; the system's own word for it is better.
  const system = networkErrorCode(Object.assign(new Error(), { code: systemCode(thrown) }));
  if (system === 'CONNECTION_LOST') return of(system);
  if (isTimeout(thrown)) return appError('TIMEOUT', `${what}: no answer in time`, { cause: thrown });
  const network = networkErrorCode(thrown);
  if (network === 'NAME_UNKNOWN') {
    return of(network, 'The endpoint’s name does not resolve: check the region and the endpoint.');
  }
  if (network !== undefined) return of(network);
  return of(codeOfStatus(status));
}

function codeOfStatus(status: number | undefined): ErrorCode {
  if (status === undefined) return 'UNEXPECTED_ANSWER';
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 429) return 'THROTTLED';
  if (status >= 500) return 'REMOTE_ERROR';
  if (status >= 300 && status < 400) return 'REDIRECTED';
  return 'UNEXPECTED_ANSWER';
}

/** Of the answer an error came with; `undefined` where there was none. */
export function statusOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if ('$response' in thrown && isStatusHolder(thrown.$response)) return thrown.$response.statusCode;
  if ('$metadata' in thrown && isMetadata(thrown.$metadata)) return thrown.$metadata.httpStatusCode;
  return undefined;
}
const isStatusHolder = (value: unknown): value is { readonly statusCode: number } =>
  typeof value === 'object' &&
  value !== null &&
  'statusCode' in value &&
  typeof value.statusCode === 'number';
const isMetadata = (value: unknown): value is { readonly httpStatusCode: number } =>
  typeof value === 'object' &&
  value !== null &&
  'httpStatusCode' in value &&
  typeof value.httpStatusCode === 'number';

/** Only somebody's action helps against these; they are `denied`, not `failed`. */
export const isDenial = (code: ErrorCode): boolean =>
  code === 'UNAUTHORIZED' ||
  code === 'FORBIDDEN' ||
  code === 'CREDENTIALS_MISSING' ||
  code === 'NEEDS_LOGIN' ||
  code === 'REGION_MISSING' ||
  code === 'REGION_WRONG';
