import { strFromU8, unzipSync } from 'fflate';
import type { Clock } from '../../core/clock.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import { refOf } from '../../domain/ref.ts';
import type { TemplateDefault } from '../../domain/registration.ts';
import { toAppError } from '../http-error.ts';
import { isPage, pageText, readRefusal } from './manager-answer.ts';
import type { ManagerApi, ManagerTarget } from './manager-api.ts';

const TOTAL_TIMEOUT_MS = 15_000;
const MAX_ZIP_BYTES = 64 * 1_048_576;
/** The others have their turn at the next polls. */
const DOWNLOADS_A_POLL = 4;
const MAX_ENTRIES = 20_000;
const MAX_VERSION_BYTES = 65_536;
const MAX_RATIO = 200;
const VERSION_FILE = 'lena-template.ver';

/** Without a revision, the download gives the default one. */
export const templatePath = (serviceCluster: string): string =>
  `/rest/template/download/container/${encodeURIComponent(serviceCluster)}`;

/** Reads default revisions out of the Manager's own downloads, each at most once in `everyMs`, in memory only. */
export function createTemplateDefaults(context: string, api: ManagerApi, clock: Clock) {
  const askedAt = new Map<string, number>();
  return {
    /** Never rejects; what went wrong is a note. */
    async read(
      target: ManagerTarget,
      wanted: { readonly serviceClusters: readonly string[]; readonly everyMs: number },
      signal: AbortSignal,
    ): Promise<{ readonly found: TemplateDefault[]; readonly notes: string[] }> {
      const found: TemplateDefault[] = [];
      const notes: string[] = [];
      if (!api.hasKey()) return { found, notes };
      for (const name of askedAt.keys()) if (!wanted.serviceClusters.includes(name)) askedAt.delete(name);
      let downloads = 0;
      for (const serviceCluster of wanted.serviceClusters) {
        if (signal.aborted || downloads >= DOWNLOADS_A_POLL) break;
        if (!isPlainName(serviceCluster) || !api.isWorthAsking('template')) continue;
        if (clock.now() - (askedAt.get(serviceCluster) ?? -Infinity) < wanted.everyMs) continue;
        downloads++;
        askedAt.set(serviceCluster, clock.now());
        try {
          const revision = await download(api, target, serviceCluster, signal);
          if (revision === undefined) continue;
          found.push({
            ref: refOf('templateDefault', context, serviceCluster),
            serviceCluster: cleanLine(serviceCluster),
            revision,
            seenAt: clock.now(),
          });
        } catch (thrown) {
          if (signal.aborted) break;
          const error = toAppError(
            api.hideKey(thrown),
            `Download the template of ${cleanLine(serviceCluster)}`,
          );
          notes.push(`${error.code}: ${error.message}`);
        }
      }
      return { found, notes };
    },
  };
}

/** A name of two dots would leave the path; one with a colon would name a revision. */
const isPlainName = (name: string): boolean => name !== '' && !/^\.{1,2}$/.test(name) && !name.includes(':');

async function download(
  api: ManagerApi,
  target: ManagerTarget,
  serviceCluster: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = templatePath(serviceCluster);
  const what = `GET ${target.basePath}${path}`;
  const call = {
    capability: 'template',
    path,
    accept: '*/*',
    timeoutMs: TOTAL_TIMEOUT_MS,
    maxBytes: MAX_ZIP_BYTES,
  };
  const answer = await api.send(target, call, signal);
  const refused = readRefusal(answer, { what, hasKey: true });
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
  return readTemplateRevision(answer.body, serviceCluster);
}

/** Revision in `lena-template.ver` of a template zip; other entries are never unpacked. */
export function readTemplateRevision(zip: Uint8Array, serviceCluster: string): string {
  let entries = 0;
  const files = unzipSync(zip, {
    filter: ({ name, size, originalSize }) => {
      if (++entries > MAX_ENTRIES)
        throw appError('UNEXPECTED_ANSWER', 'The template zip has too many entries');
      if (name !== VERSION_FILE && !name.endsWith(`/${VERSION_FILE}`)) return false;
      if (originalSize > MAX_VERSION_BYTES || originalSize > MAX_RATIO * Math.max(size, 64)) {
        throw appError('UNEXPECTED_ANSWER', `${VERSION_FILE} in the template zip is too large`);
      }
      return true;
    },
  });
  const [bytes] = Object.values(files);
  const revision = bytes === undefined ? undefined : parseVersion(strFromU8(bytes), serviceCluster);
  if (revision === undefined) {
    throw appError(
      'UNEXPECTED_ANSWER',
      `The template of ${cleanLine(serviceCluster)} has no readable ${VERSION_FILE}`,
    );
  }
  return revision;
}

/** `ServiceCluster:revision`, `revision=…`, or the revision alone; the last part is what counts. */
function parseVersion(content: string, serviceCluster: string): string | undefined {
  const lines = content.split(/\r?\n/).map((line) => line.trim());
  const line = lines.find((each) => each !== '' && !each.startsWith('#'));
  if (line === undefined) return undefined;
  const value = line.startsWith(`${serviceCluster}:`)
    ? line.slice(serviceCluster.length + 1)
    : (line.split(/[:=]/).at(-1) ?? '');
  const revision = cleanLine(value.trim(), 128);
  return revision === '' ? undefined : revision;
}
