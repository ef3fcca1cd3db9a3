import { readFileSync } from 'node:fs';
import type { ManagerKeySource } from '../config/target.ts';
import { systemCode } from '../core/app-error.ts';
import { Secret } from '../core/secret.ts';
import { appError } from '../domain/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Read anew each time, so that a rotated key file is followed; trimmed, never shown. */
export function readManagerKey(
  source: ManagerKeySource | undefined,
  environment: Environment,
): Secret | undefined {
  if (source === undefined || 'kube' in source) return undefined;
  const where = 'env' in source ? `the variable ${source.env}` : source.file;
  const text = 'env' in source ? environment[source.env] : firstLineOf(source.file);
  if (text !== undefined && text.trim() !== '') return new Secret(text.trim());
  throw appError('KEY_REFUSED', `The Manager key is empty: ${where} holds none`, {
    hint: 'Set it, or take manager.key out of the configuration.',
  });
}

function firstLineOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')[0];
  } catch (error) {
    throw appError(
      'KEY_REFUSED',
      `The Manager key cannot be read from ${file} (${systemCode(error) ?? 'error'})`,
      {
        cause: error,
        hint: 'Correct manager.key of the configuration, or bring the file back.',
      },
    );
  }
}
