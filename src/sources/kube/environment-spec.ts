import { type Json, listOf, recordOf, stringOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import type { EnvironmentEntry } from '../../domain/environment.ts';
import { isSecretName, maskUrl } from '../../domain/secret-name.ts';

/** Where one variable of a container comes from, as its pod template says. */
type Variable =
  | { readonly kind: 'literal'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'configMap';
      readonly name: string;
      readonly from: string;
      readonly key: string;
      readonly isOptional: boolean;
    }
  | { readonly kind: 'secret'; readonly name: string; readonly from: string }
  | { readonly kind: 'field'; readonly name: string; readonly path: string }
  | { readonly kind: 'resource'; readonly name: string; readonly path: string };
interface Bundle {
  readonly kind: 'configMap' | 'secret';
  readonly from: string;
  readonly prefix: string;
  readonly isOptional: boolean;
}

/** The environment of a container as written; shared by all pods of one template. */
export interface EnvironmentSpec {
  readonly bundles: readonly Bundle[];
  readonly variables: readonly Variable[];
  /** Names of the ConfigMaps it reads. */
  readonly configMaps: readonly string[];
  /** Paths of `fieldRef`s: what differs from pod to pod. */
  readonly fieldPaths: readonly string[];
}

const MAX_VARIABLES = 1_000;

function variableOf(entry: Json): Variable | undefined {
  const name = stringOf(entry['name']);
  if (name === undefined) return undefined;
  const from = recordOf(entry['valueFrom']);
  const configMap = recordOf(from['configMapKeyRef']);
  const configMapName = stringOf(configMap['name']);
  if (configMapName !== undefined) {
    const key = stringOf(configMap['key']) ?? '';
    return { kind: 'configMap', name, from: configMapName, key, isOptional: configMap['optional'] === true };
  }
  const secretName = stringOf(recordOf(from['secretKeyRef'])['name']);
  if (secretName !== undefined) return { kind: 'secret', name, from: secretName };
  const fieldPath = stringOf(recordOf(from['fieldRef'])['fieldPath']);
  if (fieldPath !== undefined) return { kind: 'field', name, path: fieldPath };
  const resource = stringOf(recordOf(from['resourceFieldRef'])['resource']);
  if (resource !== undefined) return { kind: 'resource', name, path: resource };
  const value = entry['value'];
  return { kind: 'literal', name, value: typeof value === 'string' ? value : '' };
}

function bundleOf(entry: Json): Bundle | undefined {
  const prefix = stringOf(entry['prefix']) ?? '';
  for (const kind of ['configMap', 'secret'] as const) {
    const reference = recordOf(entry[`${kind}Ref`]);
    const from = stringOf(reference['name']);
    if (from !== undefined) return { kind, from, prefix, isOptional: reference['optional'] === true };
  }
  return undefined;
}

const EMPTY_SPEC: EnvironmentSpec = { bundles: [], variables: [], configMaps: [], fieldPaths: [] };

/** Reads `env` and `envFrom` of containers; equal ones give the same object, so that replicas share theirs. */
export function createEnvironmentReader() {
  let known = new Map<string, EnvironmentSpec>();
  return {
    read(container: Json): EnvironmentSpec {
      const env = listOf(container['env']);
      const envFrom = listOf(container['envFrom']);
      if (env.length === 0 && envFrom.length === 0) return EMPTY_SPEC;
      const key = JSON.stringify([env, envFrom]);
      const shared = known.get(key);
      if (shared !== undefined) return shared;
      const bundles = envFrom.slice(0, MAX_VARIABLES).map((entry) => bundleOf(recordOf(entry)));
      const variables = env.slice(0, MAX_VARIABLES).map((entry) => variableOf(recordOf(entry)));
      const spec: EnvironmentSpec = {
        bundles: bundles.filter((bundle) => bundle !== undefined),
        variables: variables.filter((variable) => variable !== undefined),
        configMaps: [],
        fieldPaths: [],
      };
      const complete = { ...spec, configMaps: configMapsOf(spec), fieldPaths: fieldPathsOf(spec) };
      known.set(key, complete);
      return complete;
    },
    /** Forgets the specs of templates that are gone. */
    keepOnly(used: ReadonlySet<EnvironmentSpec>): void {
      known = new Map([...known].filter(([, spec]) => used.has(spec)));
    },
  };
}
export type EnvironmentReader = ReturnType<typeof createEnvironmentReader>;

function configMapsOf({ bundles, variables }: EnvironmentSpec): string[] {
  const names = new Set<string>();
  for (const source of [...bundles, ...variables]) if (source.kind === 'configMap') names.add(source.from);
  return [...names];
}

function fieldPathsOf({ variables }: EnvironmentSpec): string[] {
  return variables.flatMap((variable) => (variable.kind === 'field' ? [variable.path] : []));
}

/** What is known of one ConfigMap. */
export type ConfigMapState =
  | {
      readonly kind: 'read';
      /** By key; values of secret-looking keys are left out. */
      readonly values: ReadonlyMap<string, string | undefined>;
      readonly changedAt: number | undefined;
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unread'; readonly why: string };

export interface ResolveOptions {
  /** `undefined` = not read yet. */
  readonly configMap: (name: string) => ConfigMapState | undefined;
  /** Values of `fieldPaths`; `undefined` for a template. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** When the container started: a ConfigMap changed later is marked. */
  readonly startedAt?: number | undefined;
}

const MAX_VALUE = 4_096;
const NOT_READ_YET = 'not read yet';

/** Applies Kubernetes' rules: envFrom in order, then env; the last of one name counts; `$(NAME)` is expanded. */
export function resolveEnvironment(
  spec: EnvironmentSpec,
  options: ResolveOptions,
): readonly EnvironmentEntry[] {
  const entries = new Map<string, EnvironmentEntry>();
  const set = (entry: EnvironmentEntry) => {
    entries.delete(entry.name);
    entries.set(entry.name, entry);
  };
  for (const bundle of spec.bundles) for (const entry of bundleEntries(bundle, options)) set(entry);
  for (const variable of spec.variables) {
    const entry = variableEntry(variable, options, entries);
    if (entry !== undefined) set(entry);
  }
  return [...entries.values()];
}

function plain(name: string, value: string): Pick<EnvironmentEntry, 'name' | 'value' | 'isMasked'> {
  if (isSecretName(name)) return { name: cleanLine(name, 256), isMasked: true };
  return { name: cleanLine(name, 256), value: cleanLine(maskUrl(value.slice(0, 2 * MAX_VALUE)), MAX_VALUE) };
}

const isNewer = (state: ConfigMapState, startedAt: number | undefined): boolean =>
  state.kind === 'read' &&
  state.changedAt !== undefined &&
  startedAt !== undefined &&
  state.changedAt > startedAt;

function* bundleEntries(
  bundle: Bundle,
  { configMap, startedAt }: ResolveOptions,
): Generator<EnvironmentEntry> {
  const { kind, from, prefix, isOptional } = bundle;
  const origin = { kind, name: cleanLine(from, 256) };
  const whole = `${cleanLine(prefix, 256)}*`;
  if (kind === 'secret') {
    yield { name: whole, isMasked: true, origin };
    return;
  }
  const state = configMap(from);
  if (state === undefined) yield { name: whole, unread: NOT_READ_YET, origin };
  else if (state.kind === 'unread') yield { name: whole, unread: state.why, origin };
  else if (state.kind === 'absent') {
    if (!isOptional) yield { name: whole, unread: `ConfigMap ${origin.name} does not exist`, origin };
  } else {
    const changed = isNewer(state, startedAt) ? ({ changedSinceStart: true } as const) : undefined;
    for (const [key, value] of state.values) {
      const name = `${prefix}${key}`;
      yield value === undefined
        ? { name: cleanLine(name, 256), isMasked: true, origin, ...changed }
        : { ...plain(name, value), origin, ...changed };
    }
  }
}

function variableEntry(
  variable: Variable,
  { configMap, fields, startedAt }: ResolveOptions,
  before: ReadonlyMap<string, EnvironmentEntry>,
): EnvironmentEntry | undefined {
  const name = cleanLine(variable.name, 256);
  switch (variable.kind) {
    case 'literal':
      return literalEntry(variable.name, variable.value, before);
    case 'secret':
      return { name, isMasked: true, origin: { kind: 'secret', name: cleanLine(variable.from, 256) } };
    case 'resource':
      return {
        name,
        unread: 'set by the node',
        origin: { kind: 'field', name: cleanLine(variable.path, 256) },
      };
    case 'field': {
      const origin = { kind: 'field', name: cleanLine(variable.path, 256) } as const;
      const value = fields?.[variable.path];
      return value === undefined ? { name, origin } : { ...plain(variable.name, value), origin };
    }
    case 'configMap': {
      const origin = { kind: 'configMap', name: cleanLine(variable.from, 256) } as const;
      const state = configMap(variable.from);
      if (state === undefined) return { name, unread: NOT_READ_YET, origin };
      if (state.kind === 'unread') return { name, unread: state.why, origin };
      const hasKey = state.kind === 'read' && state.values.has(variable.key);
      if (!hasKey) {
        const missing =
          state.kind === 'absent' ? `ConfigMap ${origin.name}` : `key ${cleanLine(variable.key, 100)}`;
        return variable.isOptional ? undefined : { name, unread: `${missing} does not exist`, origin };
      }
      const changed = isNewer(state, startedAt) ? ({ changedSinceStart: true } as const) : undefined;
      const value = state.values.get(variable.key);
      if (value === undefined) return { name, isMasked: true, origin, ...changed };
      return { ...plain(variable.name, value), origin, ...changed };
    }
  }
}

/** `$(NAME)` of a variable set before; `$$` is a plain `$`. What refers to a masked one is masked whole. */
function literalEntry(
  name: string,
  value: string,
  before: ReadonlyMap<string, EnvironmentEntry>,
): EnvironmentEntry {
  const origin = { kind: 'literal' } as const;
  if (!value.includes('$')) return { ...plain(name, value), origin };
  let isMasked = false;
  const expanded = value.replace(
    /\$\$|\$\(([A-Za-z_.][\w.-]*)\)/g,
    (whole, reference: string | undefined) => {
      if (reference === undefined) return '$';
      const entry = before.get(reference);
      if (entry?.isMasked) isMasked = true;
      return entry?.value ?? whole;
    },
  );
  return isMasked
    ? { name: cleanLine(name, 256), isMasked: true, origin }
    : { ...plain(name, expanded), origin };
}
