/** Cluster names of the config: globs with `*` and `?`, or names (ARNs) given outright. */
export interface ClusterSelection {
  /** Names that need no list. */
  readonly literals: readonly string[];
  readonly hasGlobs: boolean;
  matches(name: string): boolean;
  readonly text: string;
}

export function selectClusters(clusters: readonly string[]): ClusterSelection {
  const wanted = clusters.length === 0 ? ['*'] : clusters;
  const isGlob = (pattern: string) => /[*?]/.test(pattern);
  const patterns = wanted.filter(isGlob).map(toPattern);
  return {
    literals: wanted.filter((name) => !isGlob(name)),
    hasGlobs: patterns.length > 0,
    matches: (name) => patterns.some((pattern) => pattern.test(name)),
    text: wanted.join(', '),
  };
}

function toPattern(glob: string): RegExp {
  const source = glob
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
