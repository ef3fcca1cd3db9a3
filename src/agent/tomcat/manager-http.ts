import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { systemCode } from '../../core/app-error.ts';
import type { Secret } from '../../core/secret.ts';

export interface ManagerAccess {
  /** Of the manager web application, without a slash at the end. */
  readonly base: URL;
  readonly credentials?: { readonly user: string; readonly password: Secret } | undefined;
}
export type ManagerAnswer =
  | { readonly kind: 'text'; readonly text: string; readonly tookMs: number }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'failure'; readonly why: string };

const TIMEOUT_MS = 1_500;
const MAX_BYTES = 4 * 1_048_576;

/** Asks a Tomcat's manager over one kept connection, one request at a time; never throws, follows no redirect. */
export class ManagerHttp {
  readonly #access: ManagerAccess;
  readonly #agent: Agent;

  constructor(access: ManagerAccess) {
    this.#access = access;
    const options = { keepAlive: true, maxSockets: 1, timeout: TIMEOUT_MS };
    this.#agent = access.base.protocol === 'https:' ? new TlsAgent(options) : new Agent(options);
  }
  async get(path: string, signal: AbortSignal): Promise<ManagerAnswer> {
    const { base } = this.#access;
    const started = performance.now();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const send = base.protocol === 'https:' ? tlsRequest : request;
    try {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const url = new URL(`${base.pathname}${path}`, base);
        send(url, { agent: this.#agent, signal: deadline, headers: this.#headers() }, resolve)
          .on('error', reject)
          .end();
      });
      const status = answer.statusCode ?? 0;
      const text = await bodyOf(answer);
      if (status !== 200) return { kind: 'status', status };
      if (text === undefined) return { kind: 'failure', why: 'its answer is larger than 4 MiB' };
      return { kind: 'text', text, tookMs: performance.now() - started };
    } catch (thrown) {
      const why = deadline.aborted
        ? 'no answer within 1.5 s'
        : (systemCode(thrown) ?? 'the connection broke');
      return { kind: 'failure', why };
    }
  }
  close(): void {
    this.#agent.destroy();
  }
  #headers(): Record<string, string> {
    const { credentials } = this.#access;
    if (credentials === undefined) return {};
    const pair = Buffer.from(`${credentials.user}:${credentials.password.reveal()}`).toString('base64');
    return { authorization: `Basic ${pair}` };
  }
}

/** The whole body, read to its end so that the connection can be used again; `undefined` where it is too large. */
async function bodyOf(answer: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      answer.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
