import type { ServiceNames } from '../diagnosis/findings/finding-input.ts';
import type { ServiceAddress } from '../domain/service-address.ts';

const NOTHING_LISTED: ServiceNames = { hasNamespace: () => false, has: () => false, isEmpty: true };

/** Names that resolve, by context; kept as the service address table changes. */
export class ServiceNameBook {
  /** Context → namespace → name → how many addresses have it. */
  readonly #names = new Map<string, Map<string, Map<string, number>>>();
  readonly #views = new Map<string, ServiceNames>();

  /** The answer is the contexts whose names are no longer the same. */
  update(
    touched: ReadonlyMap<string, ServiceAddress | undefined>,
    rows: ReadonlyMap<string, ServiceAddress>,
  ): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const [key, before] of touched) {
      const address = rows.get(key);
      if (address?.name === before?.name && address?.namespace === before?.namespace) continue;
      if (before !== undefined) this.#count(before, -1);
      if (address !== undefined) this.#count(address, 1);
      const context = (address ?? before)?.ref.context;
      if (context !== undefined) changed.add(context);
    }
    return changed;
  }

  of(context: string): ServiceNames {
    return this.#views.get(context) ?? NOTHING_LISTED;
  }

  #count({ ref, namespace, name }: ServiceAddress, by: number): void {
    const lower = name.toLowerCase();
    const namespaces = this.#names.get(ref.context) ?? this.#enter(ref.context);
    const names = namespaces.get(namespace) ?? new Map<string, number>();
    const count = (names.get(lower) ?? 0) + by;
    if (count > 0) names.set(lower, count);
    else names.delete(lower);
    if (names.size > 0) namespaces.set(namespace, names);
    else namespaces.delete(namespace);
  }

  #enter(context: string): Map<string, Map<string, number>> {
    const namespaces = new Map<string, Map<string, number>>();
    this.#names.set(context, namespaces);
    this.#views.set(context, {
      get isEmpty() {
        return namespaces.size === 0;
      },
      hasNamespace: (namespace) => namespaces.has(namespace),
      has: (namespace, name) => {
        if (namespace !== undefined) return namespaces.get(namespace)?.has(name) ?? false;
        for (const names of namespaces.values()) if (names.has(name)) return true;
        return false;
      },
    });
    return namespaces;
  }
}
