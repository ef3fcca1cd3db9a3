import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import type { Template } from '../../domain/remote.ts';
import { MAX_TEMPLATE_BYTES, type TemplateName } from './template-download.ts';
import { readZip, type ZipEntry, type ZipLimits } from './zip-file.ts';

const LIMITS: ZipLimits = { maxBytes: MAX_TEMPLATE_BYTES, maxEntries: 5_000, maxRatio: 100 };
const MAX_VERSION_BYTES = 4_096;
const VERSION_FILE = 'lena-template.ver';
/** What may stand before a revision that is no service cluster. */
const LABEL = /^(?:template[ ._-]?)?(?:revision|version|ver|rev|id)$/i;

export interface TemplateVersion {
  readonly revision: string;
}

/** The whole template, in memory. Throws TEMPLATE_INVALID where it is none, or not the one asked for. */
export function readTemplate(zip: Uint8Array, asked: TemplateName): Template {
  const entries = readZip(zip, LIMITS);
  const version = findVersion(entries, asked);
  const { revision } = parseVersion(version, asked);
  return {
    serviceCluster: asked.serviceCluster,
    revision,
    files: new Map(
      entries.filter((entry) => entry !== version).map((entry) => [entry.path, entry.unpack()] as const),
    ),
  };
}

/** Which revision a template is, without unpacking its files. Throws TEMPLATE_INVALID as above. */
export const readTemplateVersion = (zip: Uint8Array, asked: TemplateName): TemplateVersion =>
  parseVersion(findVersion(readZip(zip, LIMITS), asked), asked);

/** At the top; some archives have everything in a folder. */
function findVersion(entries: readonly ZipEntry[], { serviceCluster }: TemplateName): ZipEntry {
  const found =
    entries.find(({ path }) => path === VERSION_FILE) ??
    onlyOne(entries.filter(({ path }) => path.endsWith(`/${VERSION_FILE}`)));
  if (found === undefined) throw unreadable(serviceCluster);
  if (found.sizeBytes > MAX_VERSION_BYTES)
    throw appError('TEMPLATE_INVALID', `${VERSION_FILE} in the template zip is too large`);
  return found;
}

const onlyOne = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);

/** `ServiceCluster:revision`, `revision=…`, or the revision alone; it must agree with what was asked for. */
function parseVersion(entry: ZipEntry, { serviceCluster, revision }: TemplateName): TemplateVersion {
  const lines = new TextDecoder()
    .decode(entry.unpack())
    .split(/\r?\n/)
    .map((each) => each.trim());
  const line = lines.find((each) => each !== '' && !each.startsWith('#'));
  if (line === undefined) throw unreadable(serviceCluster);
  const said = splitVersion(line, serviceCluster);
  if (said.revision === '') throw unreadable(serviceCluster);
  const isOther =
    (said.serviceCluster !== undefined && said.serviceCluster !== serviceCluster) ||
    (revision !== undefined && said.revision !== revision);
  if (isOther) {
    const wanted = `${serviceCluster}${revision === undefined ? '' : `:${revision}`}`;
    throw appError(
      'TEMPLATE_INVALID',
      `The Manager was asked for the template ${cleanLine(wanted, 200)} and gave one whose ${VERSION_FILE} says ${cleanLine(line, 200)}`,
    );
  }
  return { revision: cleanLine(said.revision, 128) };
}

function splitVersion(line: string, serviceCluster: string): Partial<TemplateName> & TemplateVersion {
  if (line.startsWith(`${serviceCluster}:`))
    return { serviceCluster, revision: line.slice(serviceCluster.length + 1).trim() };
  const at = Math.max(line.lastIndexOf(':'), line.lastIndexOf('='));
  if (at < 0) return { revision: line };
  const label = line.slice(0, at).trim();
  const revision = line.slice(at + 1).trim();
  return line[at] === '=' || LABEL.test(label) ? { revision } : { serviceCluster: label, revision };
}

const unreadable = (serviceCluster: string) =>
  appError(
    'TEMPLATE_INVALID',
    `The template of ${cleanLine(serviceCluster)} has no readable ${VERSION_FILE}`,
  );
