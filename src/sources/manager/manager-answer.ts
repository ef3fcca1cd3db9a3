import type { AppError } from '../../core/app-error.ts';
import { cleanLine } from '../../core/text.ts';
import { appError, type ErrorCode } from '../../domain/errors.ts';
import { maskUrl } from '../../domain/secret-name.ts';
import type { Capability } from '../../domain/source-status.ts';
import type { HttpAnswer } from '../http-client.ts';

/** What one answer means for the call that got it. */
export type Reading =
  | { readonly state: 'found'; readonly body: unknown }
  | { readonly state: Exclude<Capability['state'], 'found'>; readonly error: AppError<ErrorCode> };

export interface CallFacts {
  /** Method and address without key. */
  readonly what: string;
  readonly hasKey: boolean;
}

/** Reads a JSON answer by status and Content-Type; a web page is never taken for data. */
export function readJsonAnswer(answer: HttpAnswer, call: CallFacts): Reading {
  const refused = readRefusal(answer, call);
  if (refused !== undefined) return refused;
  if (isPage(answer)) {
    return {
      state: 'absent',
      error: appError('UNEXPECTED_ANSWER', `${call.what}: answered a web page instead of JSON`),
    };
  }
  const body = parseJson(answer);
  if (body === undefined) {
    return {
      state: 'unknown',
      error: appError('UNEXPECTED_ANSWER', `${call.what}: answered what is not JSON`),
    };
  }
  return { state: 'found', body };
}

/** The reading of an answer that is no success; `undefined` for a 2xx. */
export function readRefusal(answer: HttpAnswer, { what, hasKey }: CallFacts): Reading | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const said = saidBy(answer);
  const message = `${what}: ${status}${said === '' ? '' : ` ${said}`}`;
  if (status >= 300 && status < 400) {
    const target = answer.location === undefined ? '' : ` to ${cleanLine(maskUrl(answer.location), 200)}`;
    return { state: 'unknown', error: appError('REDIRECTED', `${what}: redirects${target}`) };
  }
  if (status === 401 || status === 403) {
    const error = hasKey
      ? appError('KEY_REFUSED', message)
      : appError('KEY_REFUSED', message, { hint: 'Give the Manager key: manager.key in the config.' });
    return { state: 'denied', error };
  }
  if (status === 404 || status === 405 || status === 501) {
    return { state: 'absent', error: appError('NOT_FOUND', message) };
  }
  if (status === 429) return { state: 'unknown', error: appError('THROTTLED', message) };
  if (status >= 500) return { state: 'unknown', error: appError('REMOTE_ERROR', message) };
  return { state: 'unknown', error: appError('UNEXPECTED_ANSWER', message) };
}

export const isPage = ({ contentType, body }: HttpAnswer): boolean =>
  contentType.includes('html') || /^\s*<(!doctype|html)/i.test(decode(body.subarray(0, 64)));

export function parseJson({ body }: HttpAnswer): unknown {
  try {
    return JSON.parse(decode(body));
  } catch {
    return undefined;
  }
}

/** What an error says in words: `error` of the JSON, or a page's title and text. */
export function saidBy(answer: HttpAnswer): string {
  if (isPage(answer)) return pageText(answer);
  const body = parseJson(answer);
  return isErrorBody(body) ? cleanLine(maskUrl(body.error), 200) : '';
}

export function pageText({ body }: HttpAnswer): string {
  const text = decode(body.subarray(0, 4_096))
    .replace(/<(script|style)\b[^<]*(?:<(?!\/\1)[^<]*)*<\/\1>/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return cleanLine(maskUrl(text), 200);
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const isErrorBody = (body: unknown): body is { readonly error: string } =>
  typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string';
