import { AppError, describeThrown } from '../../core/app-error.ts';
import { isRecord, type Json, listOf, recordOf, stringOf } from '../../core/json-read.ts';
import type { JsonObject, KubeCall, Sent } from '../../domain/call.ts';
import { ERRORS, type ErrorCode, sourceFailure } from '../../domain/errors.ts';
import type { KubeAnswer } from './kube-request.ts';
import { maskMessage } from './mask.ts';
import { isStatusBody } from './request-error.ts';

/** A rule of RBAC or another authorizer; what else is forbidden was refused by admission. */
const LACKS_RIGHT = /\bUser "[^"]*" cannot \w+/;
const WEBHOOK_REFUSAL = /\badmission webhook "[^"]*" denied the request\b|\bValidatingAdmissionPolicy '/;
/** Admission comes before anything is stored: a webhook that cannot be asked refuses as surely as one that says no. */
const WEBHOOK_FAILURE = /^Internal error occurred: failed calling webhook\b/;

/** What an answer says became of a write; 5xx and whatever is not the API server's own word stays unknown. */
export function outcomeOf(call: KubeCall, answer: KubeAnswer): Sent {
  const { json, error, what } = answer;
  if (error === undefined) return { outcome: 'done', answer: toJsonObject(json) };
  const said = maskMessage(messageOf(json) ?? error.message);
  const refused = refusalOf(call, answer);
  if (refused === undefined) {
    const message = `${what}: ${json === undefined ? 'the answer is none of the API server' : said} (HTTP ${answer.status})`;
    return { outcome: 'unknown', error: sourceFailure('OUTCOME_UNKNOWN', message) };
  }
  const text = [said, ...causesOf(json)].join('; ');
  const { code, hint = ERRORS[code].hint } = refused;
  return { outcome: 'failed', error: sourceFailure(code, `${what}: ${text}`, hint) };
}

interface Refusal {
  readonly code: ErrorCode;
  readonly hint?: string;
}

/** Why it was refused; `undefined` where that cannot be said for certain. */
function refusalOf(call: KubeCall, { status, json, error }: KubeAnswer): Refusal | undefined {
  const said = messageOf(json) ?? '';
  const isOwnWord = json !== undefined && isStatusBody(json);
  if (isOwnWord && (WEBHOOK_REFUSAL.test(said) || WEBHOOK_FAILURE.test(said)))
    return { code: 'ADMISSION_REFUSED' };
  // 408 is a server that gave up waiting: for the rest of the request, or for itself.
  if (status < 400 || status >= 500 || status === 408) return undefined;
  switch (status) {
    case 401:
      return { code: 'UNAUTHORIZED' };
    case 403:
      return { code: isOwnWord && !LACKS_RIGHT.test(said) ? 'ADMISSION_REFUSED' : 'PERMISSION_DENIED' };
    case 404:
      return { code: 'NOT_FOUND' };
    case 409:
      return { code: 'CONFLICT' };
    case 422:
      return { code: isFailedTest(call, json) ? 'CONFLICT' : 'ACTION_IMPOSSIBLE' };
    case 429:
      return isBudget(json) ? { code: 'DISRUPTION_BUDGET' } : { code: 'THROTTLED', hint: THROTTLED_HINT };
    case 400:
    case 405:
    case 413:
    case 415:
      return { code: 'ACTION_IMPOSSIBLE' };
    default:
      return { code: error?.code ?? 'REMOTE_ERROR' };
  }
}
const THROTTLED_HINT = 'It was refused and not repeated: wait a little, then do it again.';

/** A JSON patch whose `test` does not hold is answered 422 without a word of detail, unlike an object that is invalid. */
function isFailedTest({ contentType, body }: KubeCall, json: Json | undefined): boolean {
  const hasTest = listOf(body).some((operation) => recordOf(operation)['op'] === 'test');
  const details = recordOf(json?.['details']);
  return contentType === 'application/json-patch+json' && hasTest && Object.keys(details).length === 0;
}

const isBudget = (json: Json | undefined): boolean =>
  listOf(recordOf(json?.['details'])['causes']).some(
    (cause) => recordOf(cause)['reason'] === 'DisruptionBudget',
  );

const messageOf = (json: Json | undefined): string | undefined =>
  json !== undefined && isStatusBody(json) ? stringOf(json['message']) : undefined;

/** What the server says beside its message: the budget, the fields that are wrong. */
function causesOf(json: Json | undefined): string[] {
  const said = messageOf(json) ?? '';
  return listOf(recordOf(json?.['details'])['causes'])
    .slice(0, 5)
    .flatMap((cause) => stringOf(recordOf(cause)['message']) ?? [])
    .filter((message) => !said.includes(message))
    .map((message) => maskMessage(message));
}

/** What became of a write that got no answer; `hasLeft` when its first byte may have been written. */
export function lostOutcome(thrown: unknown, hasLeft: boolean): Sent {
  const message = maskMessage(describeThrown(thrown));
  if (hasLeft) {
    const error = sourceFailure('OUTCOME_UNKNOWN', `It was sent and no whole answer came: ${message}`);
    return { outcome: 'unknown', error };
  }
  const known = thrown instanceof AppError ? thrown : undefined;
  const error =
    known === undefined
      ? sourceFailure('CONNECTION_LOST', `It was not sent: ${message}`, 'Nothing was changed: do it again.')
      : { code: known.code, message: known.message, hint: known.hint };
  return { outcome: 'notSent', error };
}

/** Parsed JSON as the domain's type has it; anything but an object reads as an empty one. */
export const toJsonObject = (parsed: unknown): JsonObject => (isJsonObject(parsed) ? parsed : {});

/** For parsed JSON only, whose fields can be nothing else. */
const isJsonObject = (parsed: unknown): parsed is JsonObject => isRecord(parsed);
