import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import type { AppError } from '../core/app-error.ts';
import { withDeadline } from '../core/deadline.ts';
import { appError, type ErrorCode } from '../domain/errors.ts';
import { type Environment, readCaBundles } from './http-ca.ts';
import { toAppError } from './http-error.ts';

export interface HttpClientOptions {
  /** Read for HTTP_PROXY, HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS. */
  readonly environment: Environment;
  /** The lock: sees every request as it is about to leave, and throws TRANSPORT_LOCKED where it must not. */
  readonly gate: HttpGate;
  /** @default 3000 */
  readonly connectTimeoutMs?: number;
}
/** A request about to leave. */
export interface Departure {
  readonly method: string;
  readonly url: URL;
  /** The attempt as messages name it. */
  readonly what: string;
}
export type HttpGate = (departure: Departure) => void;

export interface HttpRequest {
  readonly url: string;
  /** The attempt as messages name it: without query, user info or key. */
  readonly what: string;
  readonly accept?: string;
  /** From the call to the last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Stops reading at `maxBytes` instead of failing; for probes that only want the status. @default false */
  readonly isCutAllowed?: boolean;
}
export interface HttpPost extends HttpRequest {
  readonly contentType: string;
  readonly content: string;
}
export interface HttpAnswer {
  readonly status: number;
  /** Lower case, without parameters; empty where none was sent. */
  readonly contentType: string;
  readonly location?: string | undefined;
  readonly body: Uint8Array;
  /** The remote's clock by its Date header, epoch ms. */
  readonly date?: number | undefined;
}
/** What became of a POST. `hasLeft`: some of it was on its way, so that it may have been carried out. */
export type HttpPosted =
  | { readonly state: 'answered'; readonly answer: HttpAnswer }
  | { readonly state: 'lost'; readonly hasLeft: boolean; readonly error: AppError<ErrorCode> };

/** Requests that never follow a redirect, are never repeated, never outlive their deadline nor read more than allowed. */
export interface HttpClient {
  get(options: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Never rejects. */
  post(options: HttpPost, signal: AbortSignal): Promise<HttpPosted>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export async function createHttpClient(options: HttpClientOptions): Promise<HttpClient> {
  const { environment, gate, connectTimeoutMs = 3_000 } = options;
  const ca = await readCaBundles(environment, ['NODE_EXTRA_CA_CERTS']);
  const tls = ca === undefined ? {} : { ca };
  const agent = new EnvHttpProxyAgent({
    httpProxy: environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '',
    httpsProxy: environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '',
    noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
    connect: { ...tls, timeout: connectTimeoutMs },
    requestTls: { ...tls, timeout: connectTimeoutMs },
    proxyTls: { ...tls, timeout: connectTimeoutMs },
  });

  const exchange = async (
    { dispatcher, method, call }: Exchange,
    signal: AbortSignal,
  ): Promise<HttpAnswer> => {
    const { what, accept = 'application/json', timeoutMs, maxBytes, isCutAllowed = false } = call;
    const deadline = withDeadline(signal, timeoutMs);
    try {
      // The gate sees the very object that is sent: dots and encodings are resolved in it already.
      const url = new URL(call.url);
      gate({ method, url, what });
      const sent = 'content' in call ? call : undefined;
      const answer = await request(url, {
        dispatcher,
        method,
        headers: {
          accept,
          'user-agent': 'l9s',
          ...(sent === undefined ? {} : { 'content-type': sent.contentType }),
        },
        ...(sent === undefined ? {} : { body: sent.content }),
        signal: deadline,
      });
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of answer.body) {
        if (!(chunk instanceof Uint8Array)) continue;
        size += chunk.byteLength;
        if (size > maxBytes) {
          if (isCutAllowed) break;
          throw appError('UNEXPECTED_ANSWER', `${what}: the answer is larger than ${maxBytes} bytes`);
        }
        chunks.push(chunk);
      }
      const date = Date.parse(headerOf(answer.headers['date']) ?? '');
      return {
        status: answer.statusCode,
        contentType:
          (headerOf(answer.headers['content-type']) ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
        location: headerOf(answer.headers['location']),
        body: Buffer.concat(chunks),
        date: Number.isNaN(date) ? undefined : date,
      };
    } catch (error) {
      // The parent's abort is the caller's own doing; the deadline's is the remote's.
      if (deadline.aborted && !signal.aborted)
        throw appError('TIMEOUT', `${what}: no answer in ${timeoutMs} ms`);
      throw toAppError(error, what);
    }
  };

  return {
    get: (call, signal) => exchange({ dispatcher: agent, method: 'GET', call }, signal),
    async post(call, signal) {
      let hasLeft = false;
      const dispatcher = agent.compose((dispatch) => (sending, handler) => {
        if (sending.method === 'CONNECT') return dispatch(sending, handler);
        return dispatch(
          sending,
          tellsStart(handler, () => {
            hasLeft = true;
          }),
        );
      });
      try {
        return {
          state: 'answered',
          answer: await exchange({ dispatcher, method: 'POST', call }, signal),
        };
      } catch (error) {
        return { state: 'lost', hasLeft, error: toAppError(error, call.what) };
      }
    },
    close: () => agent.destroy(),
  };
}

interface Exchange {
  readonly dispatcher: Dispatcher;
  readonly method: 'GET' | 'POST';
  readonly call: HttpRequest | HttpPost;
}

/** undici starts a request only on a connection that stands, right before it writes. */
const tellsStart = (
  handler: Dispatcher.DispatchHandler,
  started: () => void,
): Dispatcher.DispatchHandler => ({
  onRequestStart(controller, context) {
    handler.onRequestStart?.(controller, context);
    if (!controller.aborted) started();
  },
  onRequestUpgrade: (...rest) => handler.onRequestUpgrade?.(...rest),
  onResponseStart: (...rest) => handler.onResponseStart?.(...rest),
  onResponseData: (...rest) => handler.onResponseData?.(...rest),
  onResponseEnd: (...rest) => handler.onResponseEnd?.(...rest),
  onResponseError: (...rest) => handler.onResponseError?.(...rest),
});

const headerOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];
