import type { ContextSettings } from '../state.ts';

/** What the configuration says about how contexts belong together. */
export interface Topology {
  networkOf(context: string): string;
  /** Contexts a Manager serves. */
  servedBy(manager: string): ReadonlySet<string>;
  /** Managers that serve a context, in the order of the configuration. */
  managersOf(context: string): readonly string[];
  /** True where another context shares this one's network. */
  hasNeighbours(context: string): boolean;
  readonly contexts: readonly string[];
}

const NONE: ReadonlySet<string> = new Set();

export function createTopology(contexts: readonly ContextSettings[]): Topology {
  const networks = new Map(contexts.map(({ name, network }) => [name, network]));
  const serves = new Map(contexts.map(({ name, serves: served }) => [name, new Set(served)]));
  const managers = new Map<string, string[]>();
  for (const { name, serves: served } of contexts) {
    for (const context of served) managers.set(context, [...(managers.get(context) ?? []), name]);
  }
  const networkOf = (context: string) => networks.get(context) ?? context;
  return {
    networkOf,
    servedBy: (manager) => serves.get(manager) ?? NONE,
    managersOf: (context) => managers.get(context) ?? [],
    hasNeighbours: (context) =>
      contexts.some(({ name, network }) => name !== context && network === networkOf(context)),
    contexts: contexts.map(({ name }) => name),
  };
}
