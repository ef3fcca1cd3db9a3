import type { JsonObject, JsonValue } from '../domain/call.ts';
import { isSecretName, MASK, maskNamed, maskUrl, type NamedValue } from '../domain/secret-name.ts';

const MAX_DEPTH = 64;
/** `name=value` inside of another value, which a colon before it would hide (`error: password=x`). */
const WORDS: NamedValue = { head: /(?<![\w.-])([\w.-]+)=/g, value: /[^\s,;&"']+/y };

/** Fields that name where a secret is, or say something about one, and hold none. */
const REFERENCES = new Set([
  'secretKeyRef',
  'configMapKeyRef',
  'secretRef',
  'secretName',
  'imagePullSecrets',
  'automountServiceAccountToken',
  'secrets',
  'topologyKey',
  'keyPath',
]);
/** `{name, value}` in its spellings: the first names what the second holds. */
const PAIRS = [
  ['name', 'value'],
  ['Name', 'Value'],
  ['key', 'value'],
  ['path', 'value'],
] as const;

/**
 * A copy fit for screen and audit: values of secret-looking names are `***` wherever the name stands — as a key,
 * as the first of a `{name, value}` pair or a JSON patch, in a command line, in a URL, in JSON inside of a string.
 */
export function maskDeep(value: JsonValue, depth = 0): JsonValue {
  if (typeof value === 'string') return maskText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return MASK;
  if (isList(value)) return maskList(value, depth);
  const hidden = pairedValue(value);
  const isSecretObject = value['kind'] === 'Secret';
  const masked: Record<string, JsonValue> = {};
  for (const [key, inner] of Object.entries(value)) {
    const isHidden =
      key === hidden ||
      (isSecretObject && (key === 'data' || key === 'stringData')) ||
      (holdsSecret(key) && !(key === 'key' && isEntry(value)));
    masked[key] = isHidden ? hideLeaves(inner, depth + 1) : maskDeep(inner, depth + 1);
  }
  return masked;
}

/** Facts of a target, masked by name. */
export function maskFacts<V extends string | number | boolean>(
  facts: Readonly<Record<string, V>>,
): Record<string, V | string> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => {
      if (typeof value !== 'string') return [name, value];
      return [name, isSecretName(name) ? MASK : maskText(value)];
    }),
  );
}

/** One text: JSON inside it is masked as JSON, everything else by `name=value`, `name: value`, flags and URLs. */
export function maskText(written: string): string {
  const trimmed = written.trimStart();
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) {
    try {
      const parsed: JsonValue = JSON.parse(written);
      if (typeof parsed === 'object') return JSON.stringify(maskDeep(parsed, 1));
    } catch {
      // Looks like JSON and is not: masked as text below.
    }
  }
  return maskNamed(maskUrl(written), WORDS, holdsSecret)
    .replace(
      /((["']?)(?<![\w.-])([\w.-]+)\2\s*[=:]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&"']+)/g,
      (whole, head: string, _quote: string, name: string) => (holdsSecret(name) ? `${head}${MASK}` : whole),
    )
    .replace(
      /(?<![\w-])(?=\w*-)(([\w-]+)\s+)("[^"]*"|'[^']*'|[^\s"'-][^\s"']*)/g,
      (whole, head: string, word: string) =>
        holdsSecret(word.slice(word.indexOf('-')).replace(/^--?/, '')) ? `${head}${MASK}` : whole,
    )
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${MASK}`);
}

/** A code of that name is a status. */
const holdsSecret = (name: string): boolean =>
  isSecretName(name) && !REFERENCES.has(name) && !/^(code|exitCode|statusCode)$/i.test(name);

/** Of a toleration, a selector or a reference, whose `key` names an entry and is no secret. */
const isEntry = (value: JsonObject): boolean =>
  ['operator', 'effect', 'value', 'values', 'name', 'optional'].some((field) => field in value);

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

function pairedValue(value: JsonObject): string | undefined {
  for (const [nameKey, valueKey] of PAIRS) {
    const name = value[nameKey];
    if (typeof name === 'string' && value[valueKey] !== undefined && isSecretName(lastSegment(name))) {
      return valueKey;
    }
  }
  return undefined;
}

/** Of a JSON pointer the last segment; any other name as it is. */
const lastSegment = (name: string): string =>
  name.startsWith('/') ? (name.split('/').at(-1) ?? name) : name;

/** A list may be an argv: the word after `--password` is its value. */
function maskList(list: readonly JsonValue[], depth: number): JsonValue {
  return list.map((item, at) => {
    const before = list[at - 1];
    const flag = typeof before === 'string' ? /^--?([\w-]+)$/.exec(before)?.[1] : undefined;
    if (typeof item === 'string' && flag !== undefined && holdsSecret(flag)) return MASK;
    return maskDeep(item, depth + 1);
  });
}

/** Truth values and absence say nothing. */
function hideLeaves(value: JsonValue, depth: number): JsonValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || depth > MAX_DEPTH) return MASK;
  if (isList(value)) return value.map((item) => hideLeaves(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hideLeaves(inner, depth + 1)]));
}
