import { appError } from '../../domain/errors.ts';
import { isPage, pageText, readRefusal } from './manager-answer.ts';
import type { ManagerApi, ManagerTarget } from './manager-api.ts';

export const TEMPLATE_TIMEOUT_MS = 15_000;
export const MAX_TEMPLATE_BYTES = 64 * 1_048_576;

/** What is asked for; without a revision the Manager gives the default one. */
export interface TemplateName {
  readonly serviceCluster: string;
  readonly revision?: string | undefined;
}

export const templatePath = (serviceCluster: string, revision?: string): string => {
  const name = encodeURIComponent(serviceCluster);
  return `/rest/template/download/container/${name}${revision === undefined ? '' : `:${encodeURIComponent(revision)}`}`;
};

/** A name of two dots would leave the path; one with a colon would name a revision. */
export const isPlainName = (name: string): boolean =>
  name !== '' && !/^\.{1,2}$/.test(name) && !name.includes(':');

/** The zip as it came. Rejects with KEY_REFUSED, NOT_FOUND, TIMEOUT …; what the call is capable of is noted. */
export async function downloadTemplate(
  api: ManagerApi,
  target: ManagerTarget,
  { serviceCluster, revision }: TemplateName,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const path = templatePath(serviceCluster, revision);
  const what = `GET ${target.basePath}${path}`;
  const call = {
    capability: 'template',
    path,
    accept: '*/*',
    timeoutMs: TEMPLATE_TIMEOUT_MS,
    maxBytes: MAX_TEMPLATE_BYTES,
  };
  const answer = await api.send(target, call, signal);
  const refused = readRefusal(answer, { what, hasKey: api.hasKey() });
  if (refused !== undefined && refused.state !== 'found') {
    api.note('template', refused.state, refused.error);
    throw refused.error;
  }
  if (isPage(answer)) {
    // The download says every failure in a page; only its words tell a wrong key from a template that is not there.
    const said = pageText(answer);
    if (/\bkey\b|auth|permission/i.test(said)) {
      const error = appError('KEY_REFUSED', `${what}: ${said}`);
      api.note('template', 'denied', error);
      throw error;
    }
    throw appError('NOT_FOUND', `${what}: ${said}`);
  }
  api.note('template', 'found');
  return answer.body;
}
