import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseDocument } from 'yaml';
import * as z from 'zod';
import { systemCode } from '../core/app-error.ts';
import { cleanLine } from '../core/text.ts';
import { appError } from '../domain/errors.ts';

/**
 * Only the names are read here, so that the first frame need not wait for the Kubernetes client; its loader reads
 * the same files again when the source starts.
 */
export interface KubeconfigNames {
  readonly files: readonly string[];
  readonly contexts: readonly string[];
  readonly current: string | undefined;
}

const namesSchema = z.looseObject({
  contexts: z.array(z.looseObject({ name: z.string() })).nullish(),
  'current-context': z.string().nullish(),
});

/** Files kubectl would read: the flag, else KUBECONFIG, else ~/.kube/config. */
export function kubeconfigFiles(options: {
  readonly flag: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}): { readonly files: readonly string[]; readonly isGiven: boolean } {
  if (options.flag !== undefined) return { files: [options.flag], isGiven: true };
  const listed = options.environment['KUBECONFIG'];
  if (listed !== undefined && listed !== '') {
    return { files: listed.split(path.delimiter).filter((file) => file !== ''), isGiven: true };
  }
  return { files: [path.join(options.home, '.kube', 'config')], isGiven: false };
}

/**
 * Context names over all files, first mention first, and the first `current-context`. Missing files of a list are
 * passed over as kubectl does; when none exists the result is `undefined` (or an error where one was given).
 */
export function readKubeconfigNames(files: readonly string[], isGiven: boolean): KubeconfigNames | undefined {
  const contexts: string[] = [];
  const found: string[] = [];
  let current: string | undefined;
  for (const file of files) {
    const text = readIfPresent(file);
    if (text === undefined) continue;
    found.push(file);
    const document = parseDocument(text, { prettyErrors: true });
    const problem = document.errors[0];
    if (problem !== undefined) {
      throw appError(
        'KUBECONFIG_INVALID',
        `${file}:${problem.linePos?.[0].line ?? 1}: ${cleanLine((problem.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, ''))}`,
      );
    }
    const content = namesSchema.safeParse(document.toJS() ?? {});
    if (!content.success) {
      throw appError(
        'KUBECONFIG_INVALID',
        `kubeconfig ${file} is not a kubeconfig: contexts must be a list of named entries`,
      );
    }
    for (const { name } of content.data.contexts ?? []) if (!contexts.includes(name)) contexts.push(name);
    current ??= content.data['current-context'] || undefined;
  }
  if (found.length === 0) {
    if (isGiven) throw appError('KUBECONFIG_MISSING', `no kubeconfig at ${files.join(', ')}`);
    return undefined;
  }
  return { files: found, contexts, current };
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw appError('KUBECONFIG_MISSING', `kubeconfig ${file} cannot be read (${code ?? 'error'})`, {
      cause: error,
    });
  }
}
