import type { KubeAccess } from '../../domain/remote.ts';

/** Kinds that roll their pods from one template to the next. */
export type RollingKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';

const PLURALS: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  ReplicaSet: 'replicasets',
} satisfies Record<RollingKind | 'ReplicaSet', string>;

export const isRollingKind = (kind: string): kind is RollingKind =>
  kind === 'Deployment' || kind === 'StatefulSet' || kind === 'DaemonSet';

export const podsPath = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
export const podPath = (namespace: string, name: string): string =>
  `${podsPath(namespace)}/${encodeURIComponent(name)}`;

/** Of the group `apps`; a resource's plural. */
export const appsPath = (namespace: string, resource: string): string =>
  `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`;

/** The path of an owner of pods; `undefined` for kinds of other groups. */
export function ownerPath(namespace: string, kind: string, name: string): string | undefined {
  const plural = PLURALS[kind];
  return plural === undefined ? undefined : `${appsPath(namespace, plural)}/${encodeURIComponent(name)}`;
}

export const workloadPath = (namespace: string, kind: RollingKind, name: string): string =>
  `${appsPath(namespace, PLURALS[kind] ?? '')}/${encodeURIComponent(name)}`;

/** The right to do something with a workload. */
export const workloadAccess = (
  kind: RollingKind,
  access: Pick<KubeAccess, 'verb' | 'namespace' | 'name' | 'subresource'>,
): KubeAccess => ({ ...access, group: 'apps', resource: PLURALS[kind] ?? '' });
