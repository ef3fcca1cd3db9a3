import type { IncomingHttpHeaders } from 'node:http';
import { parseObject } from '../../core/json-read.ts';
import { codeOf, isStatusBody, KubeRequestError, retryAfterMs, statusError } from './request-error.ts';

/** Status line and headers of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The error of a good status whose body is none of the API's. */
export function notKubernetes({ status, headers }: AnswerHead, what: string): KubeRequestError {
  const type = headerOf(headers, 'content-type') ?? 'no content type';
  const message = `${what}: HTTP ${status} with ${type.slice(0, 60)} that is not Kubernetes JSON`;
  return new KubeRequestError('UNEXPECTED_ANSWER', message, { status });
}

/** The error an answer is. */
export function answerError(
  body: string,
  { status, headers }: AnswerHead,
  { what, now }: { readonly what: string; readonly now: number },
): KubeRequestError {
  const wait = retryAfterMs(headerOf(headers, 'retry-after'), now);
  const parsed = parseObject(body);
  if (parsed !== undefined && isStatusBody(parsed))
    return statusError(what, parsed, { status, retryAfterMs: wait });
  const isHtml = (headerOf(headers, 'content-type') ?? '').startsWith('text/html');
  if (status < 300 || (isHtml && status < 500 && status !== 429)) {
    return new KubeRequestError(
      'UNEXPECTED_ANSWER',
      `${what}: HTTP ${status} with ${isHtml ? 'an HTML page' : 'an unknown body'} (a proxy or a login page?)`,
      { status },
    );
  }
  const page = isHtml ? ' with an HTML page (a proxy?)' : '';
  return new KubeRequestError(codeOf(status), `${what}: HTTP ${status}${page}`, {
    status,
    retryAfterMs: wait,
    isGone: status === 410,
  });
}
