import { AppError } from '../../core/app-error.ts';
import { createBackoff } from '../../core/backoff.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import type { Secret } from '../../core/secret.ts';
import { appError, ERRORS } from '../../domain/errors.ts';
import type { Source } from '../../domain/ports.ts';
import type { Environment } from '../http-ca.ts';
import { createHttpClient, type HttpClient, type HttpGate } from '../http-client.ts';
import { toAppError, toFailure } from '../http-error.ts';
import { createPollStatus } from '../poll-status.ts';
import { createPollWait, createRequestMeter, untilAborted } from '../poll-wait.ts';
import type { ModeReader } from '../transport-lock.ts';
import { createManagerApi } from './manager-api.ts';
import { managerAddresses } from './manager-locator.ts';
import { createManagerLock } from './manager-lock.ts';
import { createManagerReader } from './manager-reader.ts';

/** How one Manager is reached, by whatever reads or acts. */
export interface ManagerConnectionOptions {
  readonly context: string;
  /** One address, or the two of an HA pair. */
  readonly urls: readonly string[];
  /** `auto` tries `/lena`, then `/`. @default auto */
  readonly basePath?: string | undefined;
  /** The Manager key, percent-encoded as the Manager shows it; asked for again each minute. */
  readonly key?: (() => Promise<Secret | undefined>) | undefined;
  readonly clock: Clock;
  /** What may leave; asked at every request. */
  readonly mode: ModeReader;
  /** Proxy and CA variables. @default {} */
  readonly environment?: Environment | undefined;
  /** @default 10000 */
  readonly timeoutMs?: number | undefined;
}
export interface ManagerSourceOptions extends ManagerConnectionOptions {
  /** Names of the contexts whose servers this Manager registers. */
  readonly serves: readonly string[];
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Service clusters whose default template revision is read. */
  readonly serviceClusters: () => readonly string[];
  /** Somebody looks at what comes from here: poll faster. */
  readonly isLookedAt: () => boolean;
  /** @default 5000, 15000, 60000, 300000 */
  readonly pauses?: ManagerPauses | undefined;
}
export interface ManagerPauses {
  readonly lookedAtMs: number;
  readonly otherwiseMs: number;
  /** Template downloads of one service cluster, looked at and otherwise. */
  readonly templateMs: number;
  readonly templateOtherwiseMs: number;
}

const PAUSES: ManagerPauses = {
  lookedAtMs: 5_000,
  otherwiseMs: 15_000,
  templateMs: 60_000,
  templateOtherwiseMs: 300_000,
};
const KEY_EVERY_MS = 60_000;
const DENIED_RETRY_MS = 60_000;
const EXTRAS_GRACE_MS = 3_000;
/** Their deadlines together. */
const EXTRAS_MOST_MS = 15_000;

/** Polls one LENA Manager (or an HA pair): who is registered, meters, events, licences, default revisions. */
export function createManagerSource(options: ManagerSourceOptions): Source {
  const {
    context,
    clock,
    random,
    isLookedAt,
    pauses = PAUSES,
    timeoutMs = 10_000,
    environment = {},
  } = options;
  const pause = createPollWait(clock);
  let forget: (() => void) | undefined;
  return {
    context,
    refresh() {
      forget?.();
      pause.wake();
    },
    async run(sink, signal) {
      const status = createPollStatus(sink, clock);
      let http: HttpClient;
      try {
        http = await createHttpClient({ environment, gate: lockOf(options) });
      } catch (error) {
        const failure = toFailure(toAppError(error, `Read the Manager ${context}`));
        status.bad({ failure, retryAt: clock.now(), isDenied: true });
        return;
      }
      const api = createManagerApi({ http, clock, meter: createRequestMeter(clock), timeoutMs });
      const reader = createManagerReader({ ...options, pauses }, api, sink);
      const backoff = createBackoff({
        firstMs: pauses.lookedAtMs / 2,
        maxMs: pauses.otherwiseMs * 2,
        random,
      });
      forget = () => api.forgetRefusals();
      let keyAt = -Infinity;
      let templates: Promise<void> | undefined;
      /** The pause until the next poll, ended early when somebody starts to look. */
      const waitWhileUnwatched = async (delayMs: number) => {
        const until = clock.now() + delayMs;
        const isWatched = isLookedAt();
        while (!signal.aborted && clock.now() < until && (isWatched || !isLookedAt())) {
          await pause.wait(Math.min(pauses.lookedAtMs, until - clock.now()), signal);
          if (pause.wasWoken()) return;
        }
      };
      while (!signal.aborted) {
        let pauseMs: number;
        try {
          if (clock.now() - keyAt >= KEY_EVERY_MS) {
            api.setKey(await readKey(options.key, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])));
            keyAt = clock.now();
          }
          const read = await reader.readLists(signal);
          const extras = reader.readExtras(read, signal);
          // Downloads run beside the polls, one round of them at a time.
          templates ??= reader.readTemplates(signal).finally(() => {
            templates = undefined;
          });
          // The lists alone make it live when the rest is slow.
          await Promise.race([Promise.all([extras, templates]), sleep(clock, EXTRAS_GRACE_MS, signal)]);
          const [lost] = read.errors;
          if (!signal.aborted && !read.isLost)
            status.good(pauses.otherwiseMs * 2 + EXTRAS_MOST_MS + timeoutMs * 2);
          await extras;
          if (signal.aborted) break;
          if (read.isLost && lost !== undefined) throw lost;
          backoff.reset();
          pauseMs = isLookedAt() ? pauses.lookedAtMs : pauses.otherwiseMs;
        } catch (thrown) {
          if (signal.aborted) break;
          const error = toAppError(thrown, `Read the Manager ${context}`);
          const { stage } = ERRORS[error.code];
          const isDenied = stage === 'allow' || stage === 'authenticate';
          pauseMs = isDenied ? Math.min(DENIED_RETRY_MS, pauses.otherwiseMs * 4) : backoff.next();
          if (isDenied) keyAt = -Infinity;
          status.bad({ failure: toFailure(error), retryAt: clock.now() + pauseMs, isDenied });
          reader.tell();
          // A Manager that starts answers 404 to everything at first: what it lacks is found out anew.
          api.forgetRefusals();
        }
        if (!signal.aborted) await waitWhileUnwatched(pauseMs);
      }
      forget = undefined;
      status.stop();
      await templates;
      await http.close();
    },
  };
}

/** The lock of one Manager's client. */
export const lockOf = ({ urls, basePath, mode }: ManagerConnectionOptions): HttpGate =>
  createManagerLock({ ...managerAddresses(urls, basePath), mode });

export async function readKey(
  key: ManagerSourceOptions['key'],
  signal: AbortSignal,
): Promise<Secret | undefined> {
  if (key === undefined) return undefined;
  try {
    return await untilAborted(key(), signal);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw appError('KEY_REFUSED', 'The Manager key could not be read', {
      cause: error,
      hint: 'Check manager.key in the config: the variable, file or secret it names.',
    });
  }
}
