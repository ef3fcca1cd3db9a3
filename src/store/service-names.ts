import type { ServiceNames } from '../diagnosis/findings/finding-input.ts';
import type { ServiceAddress } from '../domain/service-address.ts';

const NOTHING_LISTED: ServiceNames = { hasNamespace: () => false, has: () => false, isEmpty: true };

/** Names that resolve, by context; kept as the service address table changes. */
export class ServiceNameBook {
  /** Context → namespace → name → how many addresses have it. */
  readonly #names = new Map<string, Map<string, Map<string, number>>>();

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
    const namespaces = this.#names.get(context);
    if (namespaces === undefined) return NOTHING_LISTED;
    return {
      isEmpty: namespaces.size === 0,
      hasNamespace: (namespace) => namespaces.has(namespace),
      has: (namespace, name) => {
        if (namespace !== undefined) return namespaces.get(namespace)?.has(name) ?? false;
        for (const names of namespaces.values()) if (names.has(name)) return true;
        return false;
      },
    };
  }

  #count({ ref, namespace, name }: ServiceAddress, by: number): void {
    const lower = name.toLowerCase();
    const namespaces = this.#names.get(ref.context) ?? new Map<string, Map<string, number>>();
    const names = namespaces.get(namespace) ?? new Map<string, number>();
    const count = (names.get(lower) ?? 0) + by;
    if (count > 0) names.set(lower, count);
    else names.delete(lower);
    if (names.size > 0) namespaces.set(namespace, names);
    else namespaces.delete(namespace);
    this.#names.set(ref.context, namespaces);
  }
}
