import { EnvHttpProxyAgent, request } from 'undici';
import { withDeadline } from '../core/deadline.ts';
import { appError } from '../domain/errors.ts';
import { type Environment, readCaBundles } from './http-ca.ts';
import { toAppError } from './http-error.ts';

export interface HttpClientOptions {
  /** Read for HTTP_PROXY, HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS. */
  readonly environment: Environment;
  /** @default 3000 */
  readonly connectTimeoutMs?: number;
}
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
export interface HttpAnswer {
  readonly status: number;
  /** Lower case, without parameters; empty where none was sent. */
  readonly contentType: string;
  readonly location?: string | undefined;
  readonly body: Uint8Array;
  /** The remote's clock by its Date header, epoch ms. */
  readonly date?: number | undefined;
}
/** GETs that never follow a redirect, never outlive their deadline and never read more than allowed. */
export interface HttpClient {
  get(options: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export async function createHttpClient(options: HttpClientOptions): Promise<HttpClient> {
  const { environment, connectTimeoutMs = 3_000 } = options;
  const ca = await readCaBundles(environment, ['NODE_EXTRA_CA_CERTS']);
  const tls = ca === undefined ? {} : { ca };
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: environment['http_proxy'] ?? environment['HTTP_PROXY'] ?? '',
    httpsProxy: environment['https_proxy'] ?? environment['HTTPS_PROXY'] ?? '',
    noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
    connect: { ...tls, timeout: connectTimeoutMs },
    requestTls: { ...tls, timeout: connectTimeoutMs },
    proxyTls: { ...tls, timeout: connectTimeoutMs },
  });
  return {
    async get({ url, what, accept = 'application/json', timeoutMs, maxBytes, isCutAllowed = false }, signal) {
      const deadline = withDeadline(signal, timeoutMs);
      try {
        const answer = await request(url, {
          dispatcher,
          method: 'GET',
          headers: { accept, 'user-agent': 'l9s' },
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
    },
    close: () => dispatcher.destroy(),
  };
}

const headerOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0];
