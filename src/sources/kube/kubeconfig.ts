import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { systemCode } from '../../core/app-error.ts';
import { hostPort } from '../../core/host-port.ts';
import { cleanLine } from '../../core/text.ts';
import { appError } from '../../domain/errors.ts';
import { fileSchema } from './kubeconfig-schema.ts';
import { maskMessage } from './mask.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface KubeconfigOptions {
  /** Files given by the user, first one first; @default KUBECONFIG, else ~/.kube/config, else the pod's own account. */
  readonly kubeconfig?: string | readonly string[] | undefined;
  readonly environment: Environment;
}

/** One entry with the place it was written, `file:line`. */
export interface Placed {
  readonly name: string;
  readonly value: unknown;
  readonly file: string;
  readonly line: (at: readonly PropertyKey[]) => number;
}
export interface Kubeconfig {
  readonly files: readonly string[];
  readonly clusters: ReadonlyMap<string, Placed>;
  readonly users: ReadonlyMap<string, Placed>;
  readonly contexts: ReadonlyMap<string, Placed>;
  readonly current: string | undefined;
}

const MAX_FILE_BYTES = 8 * 2 ** 20;

async function readText(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > MAX_FILE_BYTES) throw appError('KUBECONFIG_INVALID', `${file}: larger than 8 MiB`);
    return text;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    if (systemCode(error) === 'KUBECONFIG_INVALID') throw error;
    throw appError('KUBECONFIG_INVALID', `${file}: cannot be read (${systemCode(error) ?? 'unknown'})`, {
      cause: error,
    });
  }
}

function parseFile(file: string, text: string) {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? 1;
    throw appError(
      'KUBECONFIG_INVALID',
      `${file}:${line}: ${cleanLine((error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''), 200)}`,
    );
  }
  const line = (at: readonly PropertyKey[]): number => {
    for (let length = at.length; length > 0; length--) {
      const node = document.getIn(at.slice(0, length), true);
      if ((isMap(node) || isScalar(node)) && node.range) return lineCounter.linePos(node.range[0]).line;
    }
    return 1;
  };
  const parsed = fileSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) throw invalidEntry(file, line, parsed.error);
  return { content: parsed.data, line };
}

/** Names the file, the line and the field of the first thing wrong. */
export function invalidEntry(file: string, line: (at: readonly PropertyKey[]) => number, error: z.ZodError) {
  const issue = error.issues[0];
  const at = issue?.path ?? [];
  const where = at.map((step) => (typeof step === 'number' ? `[${step}]` : String(step))).join('.');
  return appError(
    'KUBECONFIG_INVALID',
    `${file}:${line(at)}: ${where === '' ? 'not a kubeconfig' : where}: ${maskMessage(issue?.message ?? '')}`,
  );
}

const FILE_KEYS = new Set([
  'certificate-authority',
  'client-certificate',
  'client-key',
  'tokenFile',
  'token-file',
]);

/** Paths in a kubeconfig are relative to the file that names them. */
function withAbsolutePaths(value: unknown, directory: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]: [string, unknown]) => [
      key,
      FILE_KEYS.has(key) && typeof entry === 'string' && entry !== ''
        ? path.resolve(directory, entry)
        : entry,
    ]),
  );
}

function pathsOf({ kubeconfig, environment }: KubeconfigOptions): { paths: string[]; isGiven: boolean } {
  const home = environment['HOME'] ?? environment['USERPROFILE'] ?? '';
  const expand = (file: string) => (file.startsWith('~/') ? path.join(home, file.slice(2)) : file);
  const given = typeof kubeconfig === 'string' ? [kubeconfig] : (kubeconfig ?? []);
  if (given.length > 0) return { paths: given.map(expand), isGiven: true };
  const fromEnvironment = (environment['KUBECONFIG'] ?? '')
    .split(path.delimiter)
    .filter((file) => file !== '');
  if (fromEnvironment.length > 0) return { paths: fromEnvironment.map(expand), isGiven: true };
  return { paths: [path.join(home, '.kube', 'config')], isGiven: false };
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
export const IN_CLUSTER = 'in-cluster';

/** What a pod that runs l9s is given by Kubernetes itself. */
async function readOwnAccount(environment: Environment): Promise<Kubeconfig | undefined> {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined || (await readText(`${ACCOUNT}/token`)) === undefined) return undefined;
  const namespace = (await readText(`${ACCOUNT}/namespace`))?.trim();
  const placed = (value: unknown): ReadonlyMap<string, Placed> =>
    new Map([[IN_CLUSTER, { name: IN_CLUSTER, value, file: ACCOUNT, line: () => 1 }]]);
  return {
    files: [ACCOUNT],
    clusters: placed({
      server: `https://${hostPort(host, port)}`,
      'certificate-authority': `${ACCOUNT}/ca.crt`,
    }),
    users: placed({ tokenFile: `${ACCOUNT}/token` }),
    contexts: placed({ cluster: IN_CLUSTER, user: IN_CLUSTER, namespace }),
    current: IN_CLUSTER,
  };
}

/** Reads and merges the files as kubectl does: of two entries with one name the first counts. */
export async function readKubeconfig(options: KubeconfigOptions): Promise<Kubeconfig> {
  const { paths, isGiven } = pathsOf(options);
  const files: string[] = [];
  const merged = {
    clusters: new Map<string, Placed>(),
    users: new Map<string, Placed>(),
    contexts: new Map<string, Placed>(),
  };
  let current: string | undefined;
  for (const file of paths) {
    const text = await readText(file);
    if (text === undefined) continue;
    files.push(file);
    const { content, line } = parseFile(file, text);
    current ??= content['current-context'] || undefined;
    for (const [list, key] of [
      ['clusters', 'cluster'],
      ['users', 'user'],
      ['contexts', 'context'],
    ] as const) {
      for (const [index, entry] of (content[list] ?? []).entries()) {
        if (merged[list].has(entry.name)) continue;
        merged[list].set(entry.name, {
          name: entry.name,
          value: withAbsolutePaths(entry[key], path.dirname(path.resolve(file))),
          file,
          line: (at) => line([list, index, key, ...at]),
        });
      }
    }
  }
  if (files.length > 0) return { files, ...merged, current };
  const own = isGiven ? undefined : await readOwnAccount(options.environment);
  if (own !== undefined) return own;
  throw appError(
    'KUBECONFIG_MISSING',
    `kubeconfig not found: ${paths.map((file) => cleanLine(file, 200)).join(', ')}`,
  );
}
