import { createHash } from 'node:crypto';
import { cleanLine } from '../../core/text.ts';
import type { CallRequest, ManagerCall, Sent } from '../../domain/call.ts';
import { appError, sourceFailure } from '../../domain/errors.ts';
import type { ManagerRemote } from '../../domain/remote.ts';
import { createHttpClient } from '../http-client.ts';
import { toAppError, toFailure } from '../http-error.ts';
import { toJsonValue } from '../json-value.ts';
import { createRequestMeter } from '../poll-wait.ts';
import { readActionAnswer } from './action-answer.ts';
import { createManagerApi } from './manager-api.ts';
import { createLocator, type Located, managerAddresses } from './manager-locator.ts';
import { lockOf, type ManagerConnectionOptions, readKey } from './manager-source.ts';
import { downloadTemplate, isPlainName } from './template-download.ts';
import { readTemplate } from './template-zip.ts';

export interface ManagerRemoteOptions extends ManagerConnectionOptions {
  /** Names to find a Manager's base path by where nothing else tells it. @default none */
  readonly serviceClusters?: (() => readonly string[]) | undefined;
  /** Of starts and stops, which some Managers answer only when they are through. @default 60000 */
  readonly actionTimeoutMs?: number | undefined;
}

const KEY_EVERY_MS = 60_000;
const KEY_TIMEOUT_MS = 10_000;

/** What actions may ask of one Manager; rejects where its client cannot be made (a CA bundle that is not there). */
export async function createManagerRemote(options: ManagerRemoteOptions): Promise<ManagerRemote> {
  const { context, clock, environment = {}, timeoutMs = 10_000, actionTimeoutMs = 60_000 } = options;
  const http = await createHttpClient({ environment, gate: lockOf(options) });
  const api = createManagerApi({ http, clock, meter: createRequestMeter(clock), timeoutMs });
  const locator = createLocator({
    ...managerAddresses(options.urls, options.basePath),
    api,
    serviceClusters: options.serviceClusters ?? (() => []),
  });
  let keyAt = -Infinity;
  let fingerprint: string | undefined;

  const refreshKey = async (signal: AbortSignal) => {
    if (clock.now() - keyAt < KEY_EVERY_MS) return;
    const key = await readKey(options.key, AbortSignal.any([signal, AbortSignal.timeout(KEY_TIMEOUT_MS)]));
    api.setKey(key);
    fingerprint = key === undefined ? undefined : fingerprintOf(key.reveal());
    keyAt = clock.now();
  };
  const locate = async (find: 'locate' | 'locateActive', signal: AbortSignal): Promise<Located> => {
    await refreshKey(signal);
    // Each look is a fresh one: what was absent a minute ago decides nothing here.
    api.forgetRefusals();
    return locator[find](signal);
  };
  /** The error as it may be shown: without the key. */
  const shown = (thrown: unknown, what: string) => toAppError(api.hideKey(thrown), what);

  const act = async (request: ManagerCall, signal: AbortSignal): Promise<Sent> => {
    const what = `POST ${cleanLine(request.path, 300)}`;
    let located: Located;
    try {
      located = await locate('locateActive', signal);
    } catch (thrown) {
      return { outcome: 'notSent', error: toFailure(shown(thrown, what)) };
    }
    const call = {
      path: request.path,
      content: JSON.stringify(request.body ?? {}),
      timeoutMs: actionTimeoutMs,
    };
    const posted = await api.post(located.target, call, signal);
    if (posted.state === 'answered') {
      const sent = readActionAnswer(posted.answer, what);
      // A refused key may have been changed since: the next call reads it anew.
      if (sent.outcome === 'failed' && sent.error.code === 'PERMISSION_DENIED') keyAt = -Infinity;
      return sent.outcome === 'done'
        ? sent
        : { ...sent, error: { ...sent.error, message: api.withoutKey(sent.error.message) } };
    }
    if (!posted.hasLeft) return { outcome: 'notSent', error: toFailure(posted.error) };
    return { outcome: 'unknown', error: sourceFailure('OUTCOME_UNKNOWN', posted.error.message) };
  };

  return {
    kind: 'manager',
    context,
    async identity(signal) {
      try {
        await refreshKey(signal);
      } catch {
        return undefined;
      }
      return fingerprint === undefined ? undefined : `Manager key ${fingerprint}`;
    },
    async send(request: CallRequest, signal) {
      if (request.system !== 'manager') {
        const words = `A ${request.system} request cannot be sent to the Manager ${context}`;
        return { outcome: 'notSent', error: sourceFailure('ACTION_IMPOSSIBLE', words) };
      }
      return act(request, signal);
    },
    dryRun: async () => undefined,
    async get(path, query, signal) {
      const what = `Read ${path} of the Manager ${context}`;
      try {
        const { target } = await locate('locate', signal);
        const given = Object.entries(query).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const],
        );
        // What is public is asked without the key, as the Manager's own documents do.
        const withKey = !path.startsWith('/rest/public/');
        const call = { capability: path, path, query: Object.fromEntries(given), withKey };
        const reading = await api.get(target, call, signal);
        if (reading.state !== 'found') throw reading.error;
        return toJsonValue(reading.body);
      } catch (thrown) {
        throw shown(thrown, what);
      }
    },
    async template(serviceCluster, revision, signal) {
      const name = cleanLine(`${serviceCluster}${revision === undefined ? '' : `:${revision}`}`, 200);
      if (!isPlainName(serviceCluster) || (revision !== undefined && !isPlainName(revision)))
        throw appError('INPUT_INVALID', `${name} cannot be the name of a template`);
      try {
        const { target } = await locate('locate', signal);
        const zip = await downloadTemplate(api, target, { serviceCluster, revision }, signal);
        return readTemplate(zip, { serviceCluster, revision });
      } catch (thrown) {
        throw shown(thrown, `Download the template ${name} from the Manager ${context}`);
      }
    },
    close: () => http.close(),
  };
}

/** Enough to tell one key from another, far too little to get back to it. */
const fingerprintOf = (key: string): string =>
  `sha256:${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;
