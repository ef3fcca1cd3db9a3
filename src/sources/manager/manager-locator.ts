import type { AppError } from '../../core/app-error.ts';
import { appError, ERRORS, type ErrorCode } from '../../domain/errors.ts';
import { maskUrl } from '../../domain/secret-name.ts';
import { toAppError } from '../http-error.ts';
import { isPage, type Reading } from './manager-answer.ts';
import type { ManagerApi, ManagerTarget } from './manager-api.ts';
import { type ManagerInfo, managerInfoSchema } from './manager-records.ts';
import { MAX_TEMPLATE_BYTES, TEMPLATE_TIMEOUT_MS, templatePath } from './template-download.ts';

export interface Located {
  readonly target: ManagerTarget;
  /** Absent where this version has no managerInfo. */
  readonly info?: ManagerInfo | undefined;
}
/** Where a Manager may be, as configured: addresses and the paths before `/rest` to try. */
export interface ManagerAddresses {
  readonly urls: readonly string[];
  readonly basePaths: readonly string[];
}
export function managerAddresses(urls: readonly string[], basePath = 'auto'): ManagerAddresses {
  return {
    urls: urls.map((url) => url.replace(/\/+$/, '')),
    basePaths: basePath === 'auto' ? ['/lena', ''] : [basePath.replace(/\/+$/, '')],
  };
}
export interface LocatorOptions extends ManagerAddresses {
  readonly api: ManagerApi;
  readonly serviceClusters: () => readonly string[];
}

const INFO = { capability: 'managerInfo', path: '/rest/public/managerInfo', withKey: false } as const;
/** Asked where managerInfo is not there: any answer in JSON proves the base path. */
const PROOFS = [
  { capability: 'containers was', path: '/rest/was/container/servers' },
  { capability: 'servers was', path: '/rest/was/servers' },
] as const;

/** Finds the Manager to read: the base path of each address, and of two the one that says it is active. */
export function createLocator({ urls, basePaths: candidates, api, serviceClusters }: LocatorOptions) {
  const bases = new Map<string, string>();

  const infoAt = async (target: ManagerTarget, signal: AbortSignal): Promise<Reading> => {
    const reading = await api.get(target, INFO, signal);
    return reading.state === 'found' && !isPlainObject(reading.body)
      ? {
          state: 'unknown',
          error: appError('UNEXPECTED_ANSWER', `${maskUrl(target.url)}: managerInfo is no object`),
        }
      : reading;
  };

  const probe = async (url: string, signal: AbortSignal): Promise<Located> => {
    const errors: AppError<ErrorCode>[] = [];
    for (const base of candidates) {
      const target = { url, basePath: base };
      const reading = await infoAt(target, signal);
      if (reading.state === 'found') return located(target, reading.body);
      errors.push(reading.error);
    }
    for (const base of candidates) {
      const target = { url, basePath: base };
      for (const proof of PROOFS) {
        const reading = await api.get(target, proof, signal);
        if (reading.state === 'found') return { target };
        errors.push(reading.error);
      }
      if (await givesTemplate(target, signal)) return { target };
    }
    throw worstOf(errors, url, candidates);
  };

  const givesTemplate = async (target: ManagerTarget, signal: AbortSignal): Promise<boolean> => {
    const [serviceCluster] = serviceClusters();
    if (serviceCluster === undefined || !api.hasKey()) return false;
    const call = {
      capability: 'template',
      path: templatePath(serviceCluster),
      accept: '*/*',
      timeoutMs: TEMPLATE_TIMEOUT_MS,
      maxBytes: MAX_TEMPLATE_BYTES,
    };
    try {
      const answer = await api.send(target, call, signal);
      return answer.status === 200 && !isPage(answer) && answer.contentType !== 'application/json';
    } catch {
      return false;
    }
  };

  const locateOne = async (url: string, signal: AbortSignal): Promise<Located> => {
    const base = bases.get(url);
    if (base === undefined) {
      const found = await probe(url, signal);
      bases.set(url, found.target.basePath);
      return found;
    }
    const target = { url, basePath: base };
    if (!api.isWorthAsking(INFO.capability)) return { target };
    const reading = await infoAt(target, signal);
    if (reading.state === 'found') return located(target, reading.body);
    if (reading.error.code === 'NOT_FOUND') bases.delete(url);
    throw reading.error;
  };

  const locateAll = (signal: AbortSignal): Promise<(Located | AppError<ErrorCode>)[]> =>
    Promise.all(
      urls.map(async (url) => {
        try {
          return await locateOne(url, signal);
        } catch (error) {
          return toAppError(error, `Read the Manager ${maskUrl(url)}`);
        }
      }),
    );

  return {
    /** The one to change something at: the only one there is unless on standby, or the one of two that alone says it is active. */
    async locateActive(signal: AbortSignal): Promise<Located> {
      const attempts = await locateAll(signal);
      const [first] = attempts;
      if (attempts.length === 1 && first !== undefined) {
        if (first instanceof Error) throw first;
        if (saysStandby(first.info) && !saysActive(first.info)) {
          throw appError(
            'ACTION_IMPOSSIBLE',
            `The Manager ${maskUrl(first.target.url)} says that it is on standby`,
            {
              hint: 'Nothing was sent: only the active Manager may be asked to change something.',
            },
          );
        }
        return first;
      }
      const answered = attempts.filter((attempt): attempt is Located => !(attempt instanceof Error));
      const active = answered.filter(({ info }) => saysActive(info) && !saysStandby(info));
      const [only] = active;
      if (only !== undefined && active.length === 1) return only;
      const lost = attempts.find((attempt) => attempt instanceof Error);
      if (answered.length === 0 && lost !== undefined) throw lost;
      const addresses = urls.map((url) => maskUrl(url)).join(' and ');
      const silent = lost === undefined ? '' : `; ${lost.message}`;
      throw appError(
        'ACTION_IMPOSSIBLE',
        active.length > 1
          ? `Both Managers ${addresses} say that they are active`
          : `None of the Managers ${addresses} says that it is active${silent}`,
        { hint: 'Nothing was sent: only the active Manager may be asked to change something.' },
      );
    },
    async locate(signal: AbortSignal): Promise<Located> {
      const attempts = await locateAll(signal);
      const answered = attempts.filter((attempt): attempt is Located => !(attempt instanceof Error));
      const chosen =
        answered.find(({ info }) => saysActive(info)) ?? answered.find(({ info }) => !saysStandby(info));
      const found = chosen ?? answered[0];
      if (found !== undefined) return found;
      const [first] = attempts;
      throw first instanceof Error ? first : appError('USAGE', 'A Manager needs an address');
    },
  };
}

function located(target: ManagerTarget, body: unknown): Located {
  const parsed = managerInfoSchema.safeParse(body);
  return { target, info: parsed.success ? parsed.data : undefined };
}

const wordsOf = (info: ManagerInfo | undefined): string => `${info?.haMode ?? ''} ${info?.status ?? ''}`;
const saysActive = (info: ManagerInfo | undefined): boolean =>
  /\b(active|master|primary)\b/i.test(wordsOf(info));
const saysStandby = (info: ManagerInfo | undefined): boolean =>
  /\b(standby|stand-by|slave|secondary|backup|inactive|passive)\b/i.test(wordsOf(info));
const isPlainObject = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && !Array.isArray(body);

/** The error that tells most of why no interface was found. */
function worstOf(
  errors: readonly AppError<ErrorCode>[],
  url: string,
  candidates: readonly string[],
): AppError<ErrorCode> {
  const paths = candidates.map((base) => (base === '' ? '/' : base)).join(' or ');
  const telling = errors.find(({ code }) => code !== 'NOT_FOUND');
  if (telling !== undefined && errors.every(({ code }) => code === telling.code || code === 'NOT_FOUND'))
    return telling;
  const byStage = errors.find(({ code }) => code !== 'NOT_FOUND' && ERRORS[code].stage !== 'use');
  return (
    byStage ??
    telling ??
    appError('BASE_PATH_UNKNOWN', `No Manager interface at ${maskUrl(url)} under ${paths}`)
  );
}
