import type { EnvironmentEntry } from '../../domain/environment.ts';
import { type ConfigMapState, type EnvironmentSpec, resolveEnvironment } from './environment-spec.ts';

interface Facts {
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly startedAt?: number | undefined;
}

/**
 * Resolves environments so that replicas share one list: what tells two pods of a template apart is only a
 * `fieldRef`, or which ConfigMaps changed after each of them started.
 */
export function createEnvironmentCache(configMap: (key: string) => ConfigMapState | undefined) {
  let cache = new WeakMap<EnvironmentSpec, Map<string, readonly EnvironmentEntry[]>>();
  return {
    resolve(namespace: string, spec: EnvironmentSpec, facts: Facts): readonly EnvironmentEntry[] {
      const lookUp = (name: string) => configMap(`${namespace}/${name}`);
      const options = { ...facts, configMap: lookUp };
      if (facts.fields !== undefined) return resolveEnvironment(spec, options);
      const changed = spec.configMaps.filter((name) => {
        const state = lookUp(name);
        return (
          state?.kind === 'read' &&
          state.changedAt !== undefined &&
          facts.startedAt !== undefined &&
          state.changedAt > facts.startedAt
        );
      });
      const key = `${namespace}\n${changed.join('\n')}`;
      const known = cache.get(spec) ?? new Map<string, readonly EnvironmentEntry[]>();
      cache.set(spec, known);
      const shared = known.get(key);
      if (shared !== undefined) return shared;
      const entries = resolveEnvironment(spec, options);
      known.set(key, entries);
      return entries;
    },
    /** A ConfigMap changed. */
    invalidate(): void {
      cache = new WeakMap();
    },
  };
}
