import type { AppError } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import type { Secret } from '../../core/secret.ts';
import { ERRORS, type ErrorCode } from '../../domain/errors.ts';
import { MASK, maskUrl } from '../../domain/secret-name.ts';
import type { Capability } from '../../domain/source-status.ts';
import type { HttpAnswer, HttpClient, HttpPosted } from '../http-client.ts';
import { toAppError } from '../http-error.ts';
import type { RequestMeter } from '../poll-wait.ts';
import { type Reading, readJsonAnswer } from './manager-answer.ts';

/** Where a Manager's interface is: an address and the path before `/rest`. */
export interface ManagerTarget {
  readonly url: string;
  /** `/lena`, or empty. */
  readonly basePath: string;
}

export interface ManagerApiOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly meter: RequestMeter;
  readonly timeoutMs: number;
}
export interface ManagerCall {
  /** Name in `:contexts`; several paths may share one. */
  readonly capability: string;
  /** Path below the base path, segments encoded. */
  readonly path: string;
  /** Query without the key. */
  readonly query?: Readonly<Record<string, string>>;
  /** `managerInfo` is asked without. @default true */
  readonly withKey?: boolean;
  /** A 404 speaks of the one thing named, not of the call. @default false */
  readonly isOfOne?: boolean;
}
export interface RawCall extends ManagerCall {
  readonly accept: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Something to be done; it has no capability, because it is never tried just to see. */
export interface ManagerPost {
  /** Path below the base path, segments encoded. */
  readonly path: string;
  /** JSON. */
  readonly content: string;
  readonly timeoutMs: number;
}

const LEAST_SKEW_MS = 2_000;
const MAX_JSON_BYTES = 8 * 1_048_576;
const ABSENT_ASK_AGAIN_MS = 60_000;
const DENIED_ASK_AGAIN_MS = 60_000;

/** The requests l9s makes of a Manager; each GET is a capability, and an absent one is left alone for a while. */
export function createManagerApi({ http, clock, meter, timeoutMs }: ManagerApiOptions) {
  const capabilities = new Map<string, Capability>();
  const askAgainAt = new Map<string, number>();
  let key: Secret | undefined;
  let clockSkewMs: number | undefined;

  const note = (capability: string, state: Capability['state'], error?: AppError<ErrorCode>) => {
    if (error !== undefined) hideKey(error, key);
    capabilities.set(
      capability,
      error === undefined ? { state } : { state, detail: `${error.code}: ${error.message}` },
    );
    if (state === 'absent') askAgainAt.set(capability, clock.now() + ABSENT_ASK_AGAIN_MS);
    else if (state === 'denied') askAgainAt.set(capability, clock.now() + DENIED_ASK_AGAIN_MS);
    else askAgainAt.delete(capability);
  };

  const urlOf = (target: ManagerTarget, call: Pick<ManagerCall, 'path' | 'query' | 'withKey'>): string => {
    const address = `${target.url}${target.basePath}${call.path}`;
    const parameters = Object.entries(call.query ?? {}).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    );
    // The key comes percent-encoded from the Manager's screen and is sent as it is.
    if (key !== undefined && call.withKey !== false) parameters.push(`key=${key.reveal()}`);
    return parameters.length === 0 ? address : `${address}?${parameters.join('&')}`;
  };

  const send = async (target: ManagerTarget, call: RawCall, signal: AbortSignal): Promise<HttpAnswer> => {
    meter.count();
    const url = urlOf(target, call);
    const { accept, maxBytes } = call;
    try {
      const answer = await http.get(
        { url, what: whatOf(target, call), accept, timeoutMs: call.timeoutMs, maxBytes },
        signal,
      );
      if (answer.date !== undefined) {
        // The header has whole seconds: less than two is no skew.
        const skewMs = answer.date - clock.now();
        clockSkewMs = Math.abs(skewMs) < LEAST_SKEW_MS ? 0 : Math.round(skewMs / 1_000) * 1_000;
      }
      return answer;
    } catch (error) {
      throw toAppError(hideKey(error, key), whatOf(target, call));
    }
  };

  return {
    capabilities,
    note,
    send,
    /** One POST, once. Never rejects. */
    async post(target: ManagerTarget, call: ManagerPost, signal: AbortSignal): Promise<HttpPosted> {
      meter.count();
      const { path, content, timeoutMs: postTimeoutMs } = call;
      const posted = await http.post(
        {
          url: urlOf(target, { path }),
          what: `POST ${maskUrl(target.url)}${target.basePath}${path}`,
          contentType: 'application/json',
          content,
          timeoutMs: postTimeoutMs,
          maxBytes: MAX_JSON_BYTES,
        },
        signal,
      );
      return posted.state === 'lost' ? { ...posted, error: hideKey(posted.error, key) } : posted;
    },
    setKey(next: Secret | undefined): void {
      // Another key may open what the old one did not.
      if (next?.reveal() !== key?.reveal()) askAgainAt.clear();
      key = next;
    },
    /** Takes the key out of an error's message. */
    hideKey: <T>(error: T): T => hideKey(error, key),
    /** The same for text. */
    withoutKey: (text: string): string => withoutKey(text, key),
    hasKey: () => key !== undefined,
    requestsPerMinute: () => meter.perMinute(),
    clockSkewMs: () => clockSkewMs,
    /** Asks again at once for what was absent or denied. */
    forgetRefusals: () => askAgainAt.clear(),
    isWorthAsking: (capability: string): boolean => (askAgainAt.get(capability) ?? 0) <= clock.now(),
    /** JSON of one call; rejects only where the Manager cannot be reached. */
    async get(target: ManagerTarget, call: ManagerCall, signal: AbortSignal): Promise<Reading> {
      const what = whatOf(target, call);
      const raw = { ...call, accept: 'application/json', timeoutMs, maxBytes: MAX_JSON_BYTES };
      let reading: Reading;
      try {
        const answer = await send(target, raw, signal);
        reading = readJsonAnswer(answer, { what, hasKey: key !== undefined });
        if (reading.state !== 'found') hideKey(reading.error, key);
      } catch (thrown) {
        const error = toAppError(thrown, what);
        if (signal.aborted || ERRORS[error.code].stage === 'reach') throw error;
        reading = { state: 'unknown', error };
      }
      if (reading.state === 'found') note(call.capability, 'found');
      else if (!(call.isOfOne === true && reading.state === 'absent')) {
        // What answered before is broken now, not gone from this version.
        const wasFound = capabilities.get(call.capability)?.state === 'found';
        note(
          call.capability,
          wasFound && reading.error.code !== 'NOT_FOUND' && reading.state === 'absent'
            ? 'unknown'
            : reading.state,
          reading.error,
        );
      }
      return reading;
    },
  };
}
export type ManagerApi = ReturnType<typeof createManagerApi>;

const whatOf = (target: ManagerTarget, call: ManagerCall): string =>
  `GET ${maskUrl(target.url)}${target.basePath}${call.path}`;

/** A library's message may quote the address, and a Manager's the query; the key must not come along. */
function hideKey<T>(error: T, key: Secret | undefined): T {
  if (error instanceof Error) error.message = withoutKey(error.message, key);
  return error;
}

function withoutKey(text: string, key: Secret | undefined): string {
  if (key === undefined) return text;
  const value = key.reveal();
  let clean = text;
  for (const spelling of [value, decoded(value)]) {
    if (spelling !== '') clean = clean.replaceAll(spelling, MASK);
  }
  return clean;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
