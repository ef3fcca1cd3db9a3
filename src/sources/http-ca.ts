import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { describeThrown } from '../core/app-error.ts';
import { appError } from '../domain/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Certificates to trust: Node's own and the bundles the named variables point to. `undefined` where none is set, so
 * that TLS keeps its default (and its cheap, shared store).
 */
export async function readCaBundles(
  environment: Environment,
  variables: readonly string[],
): Promise<string[] | undefined> {
  const bundles: string[] = [];
  for (const variable of variables) {
    const file = environment[variable];
    if (file === undefined || file === '') continue;
    try {
      bundles.push(await readFile(file, 'utf8'));
    } catch (error) {
      throw appError('TLS_UNTRUSTED', `Read the CA bundle ${variable}=${file}: ${describeThrown(error)}`, {
        cause: error,
        hint: `Correct ${variable}: it names a PEM file that cannot be read.`,
      });
    }
  }
  return bundles.length === 0 ? undefined : [...getCACertificates('default'), ...bundles];
}
