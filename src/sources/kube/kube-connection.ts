import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../core/clock.ts';
import type { TokenBucket } from '../../core/token-bucket.ts';
import { maskUrl } from '../../domain/secret-name.ts';
import { type KubeCredentials, readCredentials } from './credentials.ts';
import { createDispatcher } from './dispatcher.ts';
import { isRecord, type Json } from './json-read.ts';
import type { KubeLimits } from './kube-limits.ts';
import { type KubeTarget, selectTarget } from './kube-target.ts';
import { type KubeconfigOptions, readKubeconfig } from './kubeconfig.ts';
import {
  codeOf,
  isStatusBody,
  KubeRequestError,
  retryAfterMs,
  statusError,
  transportError,
} from './request-error.ts';

export interface KubeConnectionOptions extends KubeconfigOptions {
  readonly kubeContext: string | undefined;
  readonly caPem: string | undefined;
  readonly clock: Clock;
  readonly limits: KubeLimits;
  readonly budget: TokenBucket;
}

export interface KubeRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly accept?: string | undefined;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Dispatcher.ResponseData['body'];
  /** Aborts the answer with the reason given. */
  readonly cut: (reason: unknown) => void;
  readonly release: () => void;
}

interface Link {
  readonly target: KubeTarget;
  readonly credentials: KubeCredentials;
  readonly server: URL;
  readonly dispatcher: Dispatcher;
  readonly dispatcherKey: string;
}

const unzip = promisify(gunzip);
const MINUTE_MS = 60_000;

class SilenceError extends Error {
  override readonly name = 'TimeoutError';
}

function headerOf(headers: Answer['headers'], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** One context's way to its API server: kubeconfig, credentials, one connection pool, request budget. */
export class KubeConnection {
  readonly #options: KubeConnectionOptions;
  #link: Link | undefined;
  #loading: Promise<Link> | undefined;
  #sentAt: number[] = [];
  #clockSkewMs: number | undefined;
  /** Of all answers being read now. */
  #readingBytes = 0;
  #isClosed: boolean;

  constructor(options: KubeConnectionOptions) {
    this.#options = options;
    this.#isClosed = false;
  }

  get target(): KubeTarget | undefined {
    return this.#link?.target;
  }
  get credentials(): KubeCredentials | undefined {
    return this.#link?.credentials;
  }
  get clockSkewMs(): number | undefined {
    return this.#clockSkewMs;
  }
  /** Server address without secrets. */
  get address(): string | undefined {
    return this.#link === undefined ? undefined : maskUrl(this.#link.target.cluster.server);
  }
  requestsPerMinute(): number {
    const since = this.#options.clock.now() - MINUTE_MS;
    this.#sentAt = this.#sentAt.filter((at) => at > since);
    return this.#sentAt.length;
  }

  /** Reads the kubeconfig and the credentials afresh; several callers share one read. */
  load(signal: AbortSignal): Promise<Link> {
    this.#loading ??= this.#load(signal).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(signal: AbortSignal): Promise<Link> {
    const { kubeContext, environment, clock, caPem, limits } = this.#options;
    const target = selectTarget(await readKubeconfig(this.#options), kubeContext);
    const credentials = await readCredentials({ target, environment, clock }, signal);
    const server = new URL(target.cluster.server);
    const proxyUrl = target.cluster['proxy-url'] || undefined;
    const { tls } = credentials;
    const dispatcherKey = JSON.stringify([server.origin, proxyUrl, { ...tls, key: tls.key?.reveal() }]);
    const previous = this.#link;
    if (this.#isClosed) throw signal.reason;
    if (previous?.dispatcherKey === dispatcherKey) {
      this.#link = { ...previous, target, credentials, server };
    } else {
      const dispatcher = createDispatcher({
        server,
        tls,
        proxyUrl,
        environment,
        caPem,
        connectMs: limits.connectMs,
      });
      this.#link = { target, credentials, server, dispatcher, dispatcherKey };
      // Watches on the old pool go on until they end; only idle connections are closed.
      previous?.dispatcher.close().catch(() => undefined);
    }
    return this.#link;
  }

  /** GET of one JSON object. */
  async getJson(request: KubeRequest): Promise<Json> {
    const { limits, clock } = this.#options;
    const what = this.#name('GET', request);
    const answer = await this.#send(request, what);
    const cancelTotal = clock.after(limits.pageMs, () => answer.cut(new SilenceError(`${limits.pageMs} ms`)));
    try {
      const body = await this.#readBody(answer, what);
      if (answer.status === 200 || answer.status === 201) return this.#parse(body, answer, what);
      throw this.#failure(body, answer, what);
    } catch (error) {
      throw request.signal.aborted ? request.signal.reason : transportError(what, error);
    } finally {
      cancelTotal();
      answer.release();
    }
  }

  /** Opens a watch; the chunks end with the stream. Fails when nothing came for `limits.silenceMs`. */
  async openWatch(request: KubeRequest): Promise<AsyncIterable<Buffer>> {
    const what = this.#name('watch', request);
    const answer = await this.#send(request, what);
    const isHtml = (headerOf(answer.headers, 'content-type') ?? '').startsWith('text/html');
    if (answer.status !== 200 || isHtml) {
      try {
        throw this.#failure(await this.#readBody(answer, what), answer, what);
      } catch (error) {
        throw request.signal.aborted ? request.signal.reason : transportError(what, error);
      } finally {
        answer.release();
      }
    }
    return this.#chunks(answer, this.#options.limits.silenceMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const link = this.#link;
    this.#link = undefined;
    await link?.dispatcher.destroy().catch(() => undefined);
  }

  /** A request as messages name it: with the address, so that a wrong one is seen. */
  #name(verb: string, { path }: KubeRequest): string {
    return `${verb} ${this.address?.replace(/\/$/, '') ?? ''}${path}`;
  }

  async #send(request: KubeRequest, what: string): Promise<Answer> {
    const { clock } = this.#options;
    try {
      let link = this.#link ?? (await this.load(request.signal));
      if (link.credentials.renewAt <= clock.now()) link = await this.load(request.signal);
      let answer = await this.#sendOnce(request, link);
      if (answer.status === 401 && link.credentials.isRenewable && !request.signal.aborted) {
        await answer.body.dump({ limit: 65_536 }).catch(() => undefined);
        answer.release();
        link = await this.load(request.signal);
        answer = await this.#sendOnce(request, link);
      }
      return answer;
    } catch (error) {
      throw request.signal.aborted ? request.signal.reason : transportError(what, error);
    }
  }

  async #sendOnce({ path, query = {}, accept, signal }: KubeRequest, link: Link): Promise<Answer> {
    const { clock, budget, limits } = this.#options;
    await budget.take(signal);
    signal.throwIfAborted();
    const now = clock.now();
    this.#sentAt.push(now);
    if (this.#sentAt.length > 10_000) this.requestsPerMinute();
    const controller = new AbortController();
    const cut = (reason: unknown) => controller.abort(reason);
    const follow = () => cut(signal.reason);
    signal.addEventListener('abort', follow, { once: true });
    const release = () => signal.removeEventListener('abort', follow);
    const cancelTimer = clock.after(limits.requestMs, () => cut(new SilenceError(`${limits.requestMs} ms`)));
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) parameters.set(name, String(value));
    const search = parameters.size === 0 ? '' : `?${parameters}`;
    try {
      const { statusCode, headers, body } = await link.dispatcher.request({
        origin: link.server.origin,
        path: `${link.server.pathname.replace(/\/$/, '')}${path}${search}`,
        method: 'GET',
        headers: this.#headers(link, accept),
        signal: controller.signal,
      });
      const serverAt = Date.parse(headerOf(headers, 'date') ?? '');
      if (!Number.isNaN(serverAt)) {
        // The header has whole seconds: half a second is its mean error.
        const skewMs = serverAt + 500 - clock.now();
        const nowMs = Math.abs(skewMs) < 1_500 ? 0 : Math.round(skewMs / 1_000) * 1_000;
        if (Math.abs(nowMs - (this.#clockSkewMs ?? Number.POSITIVE_INFINITY)) > 1_000)
          this.#clockSkewMs = nowMs;
      }
      return { status: statusCode, headers, body, cut, release };
    } catch (error) {
      release();
      throw error;
    } finally {
      cancelTimer();
    }
  }

  #headers({ credentials, server }: Link, accept = 'application/json'): string[] {
    const headers = ['accept', accept, 'user-agent', 'l9s'];
    const isNear = /^(localhost|127\.|\[::1\])/.test(server.hostname);
    if (!isNear) headers.push('accept-encoding', 'gzip');
    const { authorization } = credentials;
    if (authorization !== undefined) headers.push('authorization', authorization.reveal());
    for (const [name, value] of credentials.impersonation) headers.push(name, value);
    return headers;
  }

  async *#chunks(answer: Answer, silenceMs: number): AsyncGenerator<Buffer> {
    const { clock } = this.#options;
    let cancelTimer = () => {};
    const arm = () => {
      cancelTimer();
      cancelTimer = clock.after(silenceMs, () => answer.cut(new SilenceError(`silent for ${silenceMs} ms`)));
    };
    try {
      arm();
      for await (const chunk of answer.body) {
        arm();
        if (Buffer.isBuffer(chunk)) yield chunk;
      }
    } finally {
      cancelTimer();
      answer.release();
      answer.body.destroy();
    }
  }

  async #readBody(answer: Answer, what: string): Promise<string> {
    const { limits } = this.#options;
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of this.#chunks(answer, limits.requestMs)) {
        bytes += chunk.length;
        this.#readingBytes += chunk.length;
        if (this.#readingBytes > limits.maxPageBytes) {
          throw new KubeRequestError(
            'UNEXPECTED_ANSWER',
            `${what}: the answers read at one time are larger than ${limits.maxPageBytes} bytes`,
          );
        }
        chunks.push(chunk);
      }
    } finally {
      this.#readingBytes -= bytes;
    }
    const body = Buffer.concat(chunks);
    if (headerOf(answer.headers, 'content-encoding') !== 'gzip') return body.toString('utf8');
    return (await unzip(body, { maxOutputLength: limits.maxPageBytes })).toString('utf8');
  }

  #parse(body: string, answer: Answer, what: string): Json {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      parsed = undefined;
    }
    if (isRecord(parsed)) return parsed;
    const type = headerOf(answer.headers, 'content-type') ?? 'no content type';
    throw new KubeRequestError(
      'UNEXPECTED_ANSWER',
      `${what}: HTTP ${answer.status} with ${type.slice(0, 60)} that is not Kubernetes JSON`,
      { status: answer.status },
    );
  }

  #failure(body: string, answer: Answer, what: string): KubeRequestError {
    const { status, headers } = answer;
    const wait = retryAfterMs(headerOf(headers, 'retry-after'), this.#options.clock.now());
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      parsed = undefined;
    }
    if (isRecord(parsed) && isStatusBody(parsed))
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
}
