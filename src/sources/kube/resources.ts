/** What is listed and watched. Adding one: a line here, a table in kube-model.ts. */
export const RESOURCES = {
  pods: { group: '/api/v1' },
  deployments: { group: '/apis/apps/v1' },
  statefulsets: { group: '/apis/apps/v1' },
  daemonsets: { group: '/apis/apps/v1' },
  replicasets: { group: '/apis/apps/v1', isMetadataEnough: true },
  controllerrevisions: { group: '/apis/apps/v1' },
  services: { group: '/api/v1' },
  events: { group: '/api/v1' },
} as const satisfies Record<string, ResourceFacts>;

interface ResourceFacts {
  readonly group: string;
  /** Only owners and annotations are read: the server is asked to leave the rest out, and may decline. */
  readonly isMetadataEnough?: boolean;
}
export type ResourceName = keyof typeof RESOURCES;

/** In this order; pods first, since rows come from them. */
export const RESOURCE_NAMES: readonly ResourceName[] = [
  'pods',
  'deployments',
  'statefulsets',
  'daemonsets',
  'replicasets',
  'services',
  'controllerrevisions',
  'events',
];

/** All namespaces. */
export const EVERYWHERE = '';

export function pathOf(resource: ResourceName, scope: string): string {
  const { group } = RESOURCES[resource];
  return scope === EVERYWHERE
    ? `${group}/${resource}`
    : `${group}/namespaces/${encodeURIComponent(scope)}/${resource}`;
}

export function acceptOf(resource: ResourceName, how: 'list' | 'watch'): string {
  const facts: ResourceFacts = RESOURCES[resource];
  if (facts.isMetadataEnough !== true) return 'application/json';
  const kind = how === 'list' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata';
  return `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
}
