import { cleanLine } from '../../core/text.ts';
import type { EnvironmentEntry } from '../../domain/environment.ts';
import { isSecretName, MASK, maskWords } from '../../domain/secret-name.ts';
import type { EcsContainerDefinition } from './ecs-records.ts';

interface Pair {
  readonly name: string;
  readonly value: string;
}

/** Variables of a container as its definition gives them, the task's overrides over them; secrets never pass. */
export function environmentOf(
  container: EcsContainerDefinition | undefined,
  overrides: readonly Pair[] = [],
): EnvironmentEntry[] {
  if (container === undefined) return [];
  const entries = new Map<string, EnvironmentEntry>();
  for (const { name, value } of [...container.environment, ...overrides]) {
    const clean = cleanLine(name);
    const origin = { kind: 'literal' } as const;
    entries.set(
      clean,
      isSecretName(name)
        ? { name: clean, isMasked: true, origin }
        : { name: clean, value: maskWords(cleanLine(value, 4_096)), origin },
    );
  }
  for (const { name, valueFrom } of container.secrets) {
    const clean = cleanLine(name);
    entries.set(clean, {
      name: clean,
      isMasked: true,
      origin: { kind: 'secret', name: cleanLine(valueFrom) },
    });
  }
  return [...entries.values()];
}

/** Tags by key, cleaned; what looks like a secret is masked. */
export function labelsOf(
  tags: readonly { readonly key: string; readonly value: string }[],
): Record<string, string> {
  return Object.fromEntries(
    tags.map(({ key, value }) => [cleanLine(key), isSecretName(key) ? MASK : maskWords(cleanLine(value))]),
  );
}
