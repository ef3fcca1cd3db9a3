import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../core/clock.ts';
import { type Json, parseObject } from '../../core/json-read.ts';
import type { TokenBucket } from '../../core/token-bucket.ts';
import type { ModeInForce } from '../../domain/policy.ts';
import { maskUrl } from '../../domain/secret-name.ts';
import { type KubeCredentials, readCredentials } from './credentials.ts';
import { createDispatcher } from './dispatcher.ts';
import { answerError, headerOf, notKubernetes } from './kube-answer.ts';
import type { KubeLimits } from './kube-limits.ts';
import { addHeaders, lockOutlet, tellLeaving } from './kube-outlet.ts';
import type { KubeAnswer, KubeRequest, SocketOutlet } from './kube-request.ts';
import { type KubeTarget, selectTarget } from './kube-target.ts';
import { type KubeconfigOptions, readKubeconfig } from './kubeconfig.ts';
import { KubeRequestError, transportError } from './request-error.ts';

export interface KubeConnectionOptions extends KubeconfigOptions {
  readonly kubeContext: string | undefined;
  readonly caPem: string | undefined;
  readonly clock: Clock;
  readonly limits: KubeLimits;
  readonly budget: TokenBucket;
  /** What is in force now; nothing it does not allow leaves. */
  readonly mode: () => ModeInForce;
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
  /** The dispatcher behind its lock: the only way out. */
  readonly outlet: Dispatcher;
  readonly dispatcherKey: string;
}

const unzip = promisify(gunzip);
const MINUTE_MS = 60_000;

class SilenceError extends Error {
  override readonly name = 'TimeoutError';
}

function credentialHeaders({ authorization, impersonation }: KubeCredentials): string[] {
  const headers = authorization === undefined ? [] : ['authorization', authorization.reveal()];
  return [...headers, ...impersonation.flat()];
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
      const outlet = lockOutlet(dispatcher, server, this.#options.mode);
      this.#link = { target, credentials, server, dispatcher, outlet, dispatcherKey };
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
      const { status } = answer;
      if (status !== 200 && status !== 201) throw this.#failure(body, answer, what);
      const parsed = parseObject(body);
      if (parsed === undefined) throw notKubernetes(answer, what);
      return parsed;
    } catch (error) {
      throw request.signal.aborted ? request.signal.reason : transportError(what, error);
    } finally {
      cancelTotal();
      answer.release();
    }
  }

  /**
   * Sends one request, once, and reads whatever is answered; only a 401 makes it be sent anew, with other
   * credentials: it was refused unread. Rejects with a KubeRequestError where no whole answer came.
   */
  async ask(request: KubeRequest): Promise<KubeAnswer> {
    const { method = 'GET' } = request;
    const what = this.#name(method, request);
    const answer = await this.#send(request, what);
    try {
      const body = await this.#readBody(answer, what);
      const { status } = answer;
      const json = parseObject(body);
      const isGood = status >= 200 && status < 300 && json !== undefined;
      return { status, json, error: isGood ? undefined : this.#failure(body, answer, what), what };
    } catch (error) {
      throw transportError(what, request.signal.aborted ? request.signal.reason : error);
    } finally {
      answer.release();
    }
  }

  /** The way out for a WebSocket to `path`. Rejects with a KubeRequestError. */
  async socketOutlet({ path, signal }: Pick<KubeRequest, 'path' | 'signal'>): Promise<SocketOutlet> {
    try {
      const link = await this.#freshLink(signal);
      await this.#options.budget.take(signal);
      signal.throwIfAborted();
      const now = this.#options.clock.now();
      this.#sentAt.push(now);
      const address = new URL(link.server);
      address.pathname = `${link.server.pathname.replace(/\/$/, '')}${path}`;
      return { address, outlet: addHeaders(link.outlet, credentialHeaders(link.credentials)), now };
    } catch (error) {
      throw signal.aborted ? signal.reason : transportError(this.#name('exec', { path, signal }), error);
    }
  }

  async #freshLink(signal: AbortSignal): Promise<Link> {
    const link = this.#link ?? (await this.load(signal));
    return link.credentials.renewAt <= this.#options.clock.now() ? await this.load(signal) : link;
  }

  /** Opens a watch or a log; the chunks end with the stream. Fails when nothing came for `limits.silenceMs`. */
  async openWatch(request: KubeRequest, verb = 'watch'): Promise<AsyncIterable<Buffer>> {
    const what = this.#name(verb, request);
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
    try {
      let link = await this.#freshLink(request.signal);
      let answer = await this.#sendOnce(request, link);
      if (answer.status === 401 && link.credentials.isRenewable && !request.signal.aborted) {
        await answer.body.dump({ limit: 65_536 }).catch(() => undefined);
        answer.release();
        request.leaving?.(false);
        link = await this.load(request.signal);
        answer = await this.#sendOnce(request, link);
      }
      return answer;
    } catch (error) {
      throw request.signal.aborted ? request.signal.reason : transportError(what, error);
    }
  }

  async #sendOnce(request: KubeRequest, link: Link): Promise<Answer> {
    const { method = 'GET', path, query = {}, body, signal, leaving } = request;
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
    const limitMs = method === 'GET' ? limits.requestMs : limits.writeMs;
    const cancelTimer = clock.after(limitMs, () => cut(new SilenceError(`${limitMs} ms`)));
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) parameters.set(name, String(value));
    const search = parameters.size === 0 ? '' : `?${parameters}`;
    try {
      const outlet = leaving === undefined ? link.outlet : tellLeaving(link.outlet, () => leaving(true));
      const {
        statusCode,
        headers,
        body: answered,
      } = await outlet.request({
        origin: link.server.origin,
        path: `${link.server.pathname.replace(/\/$/, '')}${path}${search}`,
        method,
        headers: this.#headers(link, request),
        ...(body !== undefined && { body }),
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
      return { status: statusCode, headers, body: answered, cut, release };
    } catch (error) {
      release();
      throw error;
    } finally {
      cancelTimer();
    }
  }

  #headers(
    { credentials, server }: Link,
    { accept = 'application/json', body, contentType = 'application/json' }: KubeRequest,
  ): string[] {
    const headers = ['accept', accept, 'user-agent', 'l9s'];
    if (body !== undefined) headers.push('content-type', contentType);
    const isNear = /^(localhost|127\.|\[::1\])/.test(server.hostname);
    if (!isNear) headers.push('accept-encoding', 'gzip');
    return [...headers, ...credentialHeaders(credentials)];
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

  #failure(body: string, answer: Answer, what: string): KubeRequestError {
    return answerError(body, answer, { what, now: this.#options.clock.now() });
  }
}
