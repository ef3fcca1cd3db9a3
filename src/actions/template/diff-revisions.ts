import { readLenaEnvironment } from '../../diagnosis/lena-environment.ts';
import { diffBlocks, diffTemplates } from '../../diagnosis/template-diff.ts';
import { appError } from '../../domain/errors.ts';
import type { DiffBlock } from '../../domain/plan.ts';
import type { Template } from '../../domain/remote.ts';
import type { ServiceCluster } from '../../domain/service-cluster.ts';
import type { Text } from '../../domain/text.ts';
import { runningRevision } from '../guards/starting.ts';
import type { ActionTools, Lookup } from '../tools.ts';
import { getTemplate } from './get-template.ts';

/** Word for the revision a Manager gives when none is named. */
export const DEFAULT_REVISION = 'default';

/** A revision as a user writes it; `undefined` is the default one. Rejects what could not be one. */
export function readRevision(written: string): string | undefined {
  const revision = written.trim();
  if (revision === DEFAULT_REVISION) return undefined;
  if (!/^[^\s:/?#&%\p{C}]{1,64}$/u.test(revision)) {
    throw appError('INPUT_INVALID', `${JSON.stringify(revision)} is no template revision`, {
      hint: `Give a revision such as 12, or "${DEFAULT_REVISION}".`,
    });
  }
  return revision;
}

/** Managers that may know a service cluster: its own, and those that serve the contexts of its servers. */
export function managersOfCluster({ ref, contexts }: ServiceCluster, lookup: Lookup): readonly string[] {
  const own = lookup.servedBy(ref.context).length > 0 ? [ref.context] : [];
  return [...new Set([...own, ...contexts.flatMap((context) => lookup.managersServing(context))])];
}

export interface RevisionDiff {
  readonly from: string;
  readonly to: string;
  readonly summary: Text;
  readonly isEqual: boolean;
  /** The summary first, then a block for each file that differs. */
  readonly blocks: readonly DiffBlock[];
}

/** File-by-file difference of two templates, secrets masked. */
export function compareTemplates(before: Template, after: Template): RevisionDiff {
  const diff = diffTemplates(before, after);
  return {
    from: before.revision,
    to: after.revision,
    summary: diff.summary,
    isEqual: diff.files.length === 0,
    blocks: diffBlocks(diff),
  };
}

/** Two revisions of a service cluster's template, as written by a user (`default` too). Rejects with an AppError. */
export async function diffRevisions(
  cluster: ServiceCluster,
  [before, after]: readonly [string, string],
  reading: { readonly tools: ActionTools; readonly signal: AbortSignal },
): Promise<RevisionDiff> {
  const managers = managersOfCluster(cluster, reading.tools.lookup);
  const [from, to] = [before, after].map(readRevision);
  // One after the other: two zips of 64 MiB at once are not worth a second.
  const first = await getTemplate(managers, { serviceCluster: cluster.name, revision: from }, reading);
  const second = await getTemplate(managers, { serviceCluster: cluster.name, revision: to }, reading);
  return compareTemplates(first, second);
}

/** What a Manager says of a revision, for the key `r`: what it really is, and which servers run something else. */
export interface RevisionCheck {
  readonly serviceCluster: string;
  readonly revision: string;
  readonly files: number;
  readonly bytes: number;
  /** Servers of the cluster whose running revision is known and another one, or not known at all. */
  readonly otherwise: readonly { readonly name: string; readonly running: string | undefined }[];
}

/** Reads one revision (`default` too) at the Manager. Rejects with an AppError where it cannot be had. */
export async function checkRevision(
  cluster: ServiceCluster,
  written: string,
  reading: { readonly tools: ActionTools; readonly signal: AbortSignal },
): Promise<RevisionCheck> {
  const { lookup } = reading.tools;
  const wanted = { serviceCluster: cluster.name, revision: readRevision(written) };
  const template = await getTemplate(managersOfCluster(cluster, lookup), wanted, reading);
  const otherwise = [...lookup.all('server')]
    .filter((server) => clusterOfServer(server.environment) === cluster.name)
    .filter(({ ref }) => cluster.contexts.length === 0 || cluster.contexts.includes(ref.context))
    .map((server) => ({ name: server.name, running: runningRevision(server, lookup) }))
    .filter(({ running }) => running !== template.revision);
  let bytes = 0;
  for (const content of template.files.values()) bytes += content.length;
  const { revision, files } = template;
  return { serviceCluster: cluster.name, revision, files: files.size, bytes, otherwise };
}

const clusterOfServer = (environment: Parameters<typeof readLenaEnvironment>[0]): string | undefined =>
  readLenaEnvironment(environment).template?.serviceCluster;
