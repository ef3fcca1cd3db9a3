import type { Sent } from '../../domain/call.ts';
import { type ErrorCode, sourceFailure } from '../../domain/errors.ts';
import type { HttpAnswer } from '../http-client.ts';
import { toJsonObject } from '../json-value.ts';
import { isPage, parseJson, saidBy } from './manager-answer.ts';

/** What a Manager answered to start or stop: `{actionResult: "Y"|"N"}`, or what came in its place. */
export function readActionAnswer(answer: HttpAnswer, what: string): Sent {
  const { status } = answer;
  const said = saidBy(answer);
  const message = `${what}: ${status}${said === '' ? '' : ` ${said}`}`;
  const failed = (code: ErrorCode, words = message): Sent => ({
    outcome: 'failed',
    error: sourceFailure(code, words),
  });
  const unknown = (words: string): Sent => ({
    outcome: 'unknown',
    error: sourceFailure('OUTCOME_UNKNOWN', words),
  });
  if (status >= 200 && status < 300) {
    if (isPage(answer)) return unknown(`${what}: answered a web page: ${said}`);
    const body = parseJson(answer);
    const result = resultOf(body);
    if (result === 'Y' && isObject(body)) return { outcome: 'done', answer: toJsonObject(body) };
    if (result === 'N') {
      const why = said === '' ? 'it may already be in that state, or cannot be reached by its agent' : said;
      return failed('ACTION_IMPOSSIBLE', `${what}: the Manager says it was not done (${why})`);
    }
    return unknown(`${what}: the answer does not say what was done`);
  }
  if (status >= 300 && status < 400) return unknown(`${what}: redirects; nothing was followed`);
  // A refusal was read and not carried out; a failure in the midst of it (5xx, 408) may have been.
  if (status === 401 || status === 403) return failed('PERMISSION_DENIED');
  if (status === 404 || status === 405 || status === 501) return failed('NOT_FOUND');
  if (status === 408 || status >= 500) return unknown(message);
  if (status === 409) return failed('CONFLICT');
  if (status === 429) return failed('THROTTLED');
  return failed('ACTION_IMPOSSIBLE');
}

const resultOf = (body: unknown): string | undefined =>
  isObject(body) && 'actionResult' in body && typeof body.actionResult === 'string'
    ? body.actionResult.trim().toUpperCase()
    : undefined;
const isObject = (body: unknown): body is object =>
  typeof body === 'object' && body !== null && !Array.isArray(body);
