import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { systemCode } from '../core/app-error.ts';
import { appError } from '../domain/errors.ts';
import { type ConfigIssue, formatIssue } from './config-issue.ts';
import type { Environment, Flags } from './flags.ts';
import { type Lines, parseYaml } from './parse-yaml.ts';
import { expandHome, type Paths } from './paths.ts';
import { configSchema, systemPolicySchema } from './schema.ts';

export interface ReadFile<T> {
  readonly value: T;
  /** `undefined` where there is no file and defaults stand. */
  readonly file: string | undefined;
  readonly lines: Lines;
}

export interface ConfigPlaces {
  readonly flags: Flags;
  readonly environment: Environment;
  readonly paths: Paths;
  readonly home: string;
}

/** The file of `--config`, else L9S_CONFIG, else the user's; one that was given must be there. */
export function configFileOf({ flags, environment, paths, home }: ConfigPlaces): {
  readonly file: string;
  readonly isGiven: boolean;
} {
  const given = flags.config ?? environment['L9S_CONFIG'];
  return given === undefined || given === ''
    ? { file: paths.configFile, isGiven: false }
    : { file: expandHome(given, home), isGiven: true };
}

export type ReadResult<T> =
  | ({ readonly ok: true } & ReadFile<T>)
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

function readYamlFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  isGiven: boolean,
): ReadResult<z.output<Schema>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (!isGiven && (code === 'ENOENT' || code === 'ENOTDIR')) {
      return {
        ok: true,
        value: schema.parse({}),
        file: undefined,
        lines: { near: () => undefined, exact: () => undefined },
      };
    }
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? 'error'})`;
    throw appError('CONFIG_MISSING', `configuration ${file} ${why}`, { cause: error });
  }
  const parsed = parseYaml(file, text, schema);
  return parsed.ok ? { ...parsed, file } : parsed;
}

/** Reads the user's file; problems come back as issues so that `config check` can list them all. */
export function readConfig(places: ConfigPlaces): ReadResult<z.output<typeof configSchema>> {
  const { file, isGiven } = configFileOf(places);
  return readYamlFile(file, configSchema, isGiven);
}

/** Reads `/etc/l9s/policy.yaml`; a broken one stops l9s rather than loosening anything. */
export function readSystemPolicy(paths: Paths): ReadFile<z.output<typeof systemPolicySchema>> {
  const result = readYamlFile(paths.systemPolicyFile, systemPolicySchema, false);
  if (!result.ok) throw invalidConfig(result.issues);
  return result;
}

export const invalidConfig = (issues: readonly ConfigIssue[]) =>
  appError('CONFIG_INVALID', issues.map(formatIssue).join('\n'));
