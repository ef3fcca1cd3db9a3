import { createConnection } from 'node:net';
import { withDeadline } from '../../core/deadline.ts';
import { hostPort } from '../../core/host-port.ts';
import { ERRORS, type ErrorCode } from '../../domain/errors.ts';
import type { ServerType } from '../../domain/server-type.ts';
import type { HttpClient } from '../http-client.ts';
import { toAppError } from '../http-error.ts';

/** One server of a hosts context. */
export interface HostEntry {
  readonly name: string;
  readonly address: string;
  readonly type: ServerType;
  readonly port: number;
  /** Path (or whole URL) to GET; without it a TCP connection is the probe. */
  readonly health?: string | undefined;
}

export type ProbeResult =
  | { readonly outcome: 'ready' }
  /** Something answers, but not as a healthy server. */
  | { readonly outcome: 'notReady'; readonly reason: string }
  | { readonly outcome: 'noAnswer'; readonly reason: string; readonly code: ErrorCode };

export interface ProbeOptions {
  readonly http: HttpClient;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** Asks one host how it is; never rejects. */
export async function probeHost(entry: HostEntry, options: ProbeOptions): Promise<ProbeResult> {
  const what =
    entry.health === undefined ? `connect to ${entry.address}:${entry.port}` : `GET ${urlOf(entry)}`;
  try {
    if (entry.health === undefined) {
      await connectTcp(entry, withDeadline(options.signal, options.timeoutMs));
      return { outcome: 'ready' };
    }
    const { status } = await options.http.get(
      {
        url: urlOf(entry),
        what,
        accept: '*/*',
        timeoutMs: options.timeoutMs,
        maxBytes: 16_384,
        isCutAllowed: true,
      },
      options.signal,
    );
    // A redirect is how many a server answers `/`: it runs and serves.
    return status >= 200 && status < 400
      ? { outcome: 'ready' }
      : { outcome: 'notReady', reason: `PROBE_FAILED: ${what} answered ${status}` };
  } catch (error) {
    const failure = toAppError(error, what);
    return {
      outcome: 'noAnswer',
      code: failure.code,
      reason: `PROBE_FAILED: ${failure.message} (${ERRORS.PROBE_FAILED.hint})`,
    };
  }
}

function urlOf({ address, port, health = '/' }: HostEntry): string {
  if (/^https?:\/\//.test(health)) return health;
  return `http://${hostPort(address, port)}${health.startsWith('/') ? '' : '/'}${health}`;
}

function connectTcp({ address, port }: HostEntry, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: address, port });
    const end = (error?: unknown) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const onAbort = () => end(signal.reason);
    socket.once('connect', () => end());
    // Stays attached: a destroyed socket may still emit an error, which must not be unhandled.
    socket.on('error', end);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
