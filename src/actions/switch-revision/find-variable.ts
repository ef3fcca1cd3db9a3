import { type Json, listOf, recordOf, stringOf } from '../../core/json-read.ts';

/** A ConfigMap as far as a variable is looked up in it. */
export interface ConfigMapData {
  readonly data: Readonly<Record<string, string>>;
  readonly isImmutable: boolean;
}
/** By name; `undefined` for one that does not exist. Every one a container names must have been read before. */
export type ConfigMaps = ReadonlyMap<string, ConfigMapData | undefined>;

/** Where a variable of a container really comes from: the last that counts, as Kubernetes reads them. */
export type Found =
  | { readonly state: 'absent'; readonly maybeIn: readonly string[] }
  | { readonly state: 'literal'; readonly value: string; readonly index: number }
  | {
      readonly state: 'configMap';
      readonly value: string;
      readonly configMap: string;
      readonly key: string;
      /** Secrets read after it whose keys are not known: one of them could set it instead. */
      readonly maybeIn: readonly string[];
    }
  /** A Secret, a field of the pod, a value made of others: nothing that could be changed here. */
  | { readonly state: 'elsewhere'; readonly where: string };

/** Names of the ConfigMaps a container reads by `env` or `envFrom`. */
export function configMapsOf(container: Json): readonly string[] {
  const names = [
    ...listOf(container['envFrom']).map((entry) =>
      stringOf(recordOf(recordOf(entry)['configMapRef'])['name']),
    ),
    ...listOf(container['env']).map((entry) => stringOf(configMapKeyOf(recordOf(entry))['name'])),
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

const configMapKeyOf = (entry: Json): Json => recordOf(recordOf(entry['valueFrom'])['configMapKeyRef']);

/** Pure. `env` counts more than `envFrom`; within each the last one does. */
export function findVariable(container: Json, name: string, configMaps: ConfigMaps): Found {
  const env = listOf(container['env']).map(recordOf);
  for (let index = env.length - 1; index >= 0; index--) {
    const entry = env[index];
    if (entry?.['name'] !== name) continue;
    const found = inEntry(entry, index, configMaps);
    // An optional key that is not there sets nothing, and what stands before it counts.
    if (found !== undefined) return found;
  }
  return inBundles(container, name, configMaps);
}

function inEntry(entry: Json, index: number, configMaps: ConfigMaps): Found | undefined {
  const from = recordOf(entry['valueFrom']);
  const secret = stringOf(recordOf(from['secretKeyRef'])['name']);
  if (secret !== undefined) return { state: 'elsewhere', where: `Secret ${secret}` };
  const field =
    stringOf(recordOf(from['fieldRef'])['fieldPath']) ??
    stringOf(recordOf(from['resourceFieldRef'])['resource']);
  if (field !== undefined) return { state: 'elsewhere', where: `the pod’s own field ${field}` };
  const configMap = stringOf(configMapKeyOf(entry)['name']);
  if (configMap !== undefined) {
    const key = stringOf(configMapKeyOf(entry)['key']) ?? '';
    const value = valueIn(configMaps.get(configMap), key);
    return value === undefined ? undefined : { state: 'configMap', value, configMap, key, maybeIn: [] };
  }
  if (Object.keys(from).length > 0) {
    return { state: 'elsewhere', where: Object.keys(from).join(', ') };
  }
  const value = typeof entry['value'] === 'string' ? entry['value'] : '';
  if (value.includes('$(')) return { state: 'elsewhere', where: `other variables (${value})` };
  return { state: 'literal', value, index };
}

function inBundles(container: Json, name: string, configMaps: ConfigMaps): Found {
  const maybeIn: string[] = [];
  for (const entry of listOf(container['envFrom']).toReversed()) {
    const bundle = recordOf(entry);
    const prefix = stringOf(bundle['prefix']) ?? '';
    if (!name.startsWith(prefix)) continue;
    const key = name.slice(prefix.length);
    const secret = stringOf(recordOf(bundle['secretRef'])['name']);
    if (secret !== undefined) maybeIn.push(secret);
    const configMap = stringOf(recordOf(bundle['configMapRef'])['name']);
    const value = configMap === undefined ? undefined : valueIn(configMaps.get(configMap), key);
    if (configMap !== undefined && value !== undefined) {
      return { state: 'configMap', value, configMap, key, maybeIn };
    }
  }
  return { state: 'absent', maybeIn };
}

const valueIn = (configMap: ConfigMapData | undefined, key: string): string | undefined =>
  configMap !== undefined && Object.hasOwn(configMap.data, key) ? configMap.data[key] : undefined;
