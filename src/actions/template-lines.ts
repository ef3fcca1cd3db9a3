import { isRecord, recordOf, stringOf } from '../core/json-read.ts';
import { cleanLine } from '../core/text.ts';
import { isSecretName, MASK } from '../domain/secret-name.ts';
import { maskText } from './mask.ts';

const MAX_VALUE = 300;
/** Field of a reference to a ConfigMap's or Secret's entry: a name, no secret. */
const REFERENCE = 'key';

interface Leaf {
  readonly value: string;
  readonly isSecret: boolean;
}

/**
 * What differs between two pod templates, a line for each field: `- spec.containers[was].image: …`. Secrets are
 * compared and then masked.
 */
export function diffTemplateFields(before: unknown, after: unknown): readonly string[] {
  const old = leavesOf(before);
  const now = leavesOf(after);
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((path) => {
    const was = old.get(path);
    const is = now.get(path);
    if (was !== undefined && is !== undefined && was.value === is.value) return [];
    return [
      ...(was === undefined ? [] : [`- ${path}: ${shown(was)}`]),
      ...(is === undefined ? [] : [`+ ${path}: ${shown(is)}`]),
    ];
  });
}

const shown = ({ value, isSecret }: Leaf): string =>
  isSecret ? MASK : cleanLine(maskText(value), MAX_VALUE);

function leavesOf(template: unknown): ReadonlyMap<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  const walk = (value: unknown, path: string, isSecret: boolean): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        const name = keyOf(item) ?? String(index);
        walk(item, `${path}[${cleanLine(name, 100)}]`, isSecret);
      }
    } else if (isRecord(value)) {
      const isSecretEntry = isSecretName(stringOf(value['name']) ?? '');
      for (const [field, inner] of Object.entries(value)) {
        const isOwn = field !== REFERENCE && isSecretName(field) && typeof inner === 'string';
        const isValue = field === 'value' && isSecretEntry;
        walk(inner, path === '' ? field : `${path}.${cleanLine(field, 200)}`, isSecret || isOwn || isValue);
      }
    } else if (value !== null && value !== undefined) {
      leaves.set(path, { value: String(value), isSecret });
    }
  };
  walk(withoutNoise(template), '', false);
  return leaves;
}

/** What a list's item is called: containers, variables and volumes by name, ports by number, mounts by path. */
const keyOf = (item: unknown): string | undefined => {
  const { name, containerPort, mountPath } = recordOf(item);
  return (
    stringOf(mountPath) ??
    stringOf(name) ??
    (typeof containerPort === 'number' ? String(containerPort) : refNameOf(item))
  );
};
/** Of an `envFrom` entry. */
const refNameOf = (item: unknown): string | undefined => {
  const { configMapRef, secretRef } = recordOf(item);
  return stringOf(recordOf(configMapRef)['name']) ?? stringOf(recordOf(secretRef)['name']);
};

function withoutNoise(template: unknown): unknown {
  const { metadata, ...rest } = recordOf(template);
  const { creationTimestamp: _, ...kept } = recordOf(metadata);
  return { ...rest, metadata: kept };
}
