import { AppError } from '../../core/app-error.ts';
import { type Json, recordOf, stringOf } from '../../core/json-read.ts';
import { appsPath, type RollingKind } from '../kube/kube-paths.ts';
import { listAll } from '../kube/live-pods.ts';
import type { ReadingOf } from '../tools.ts';
import type { ConfigMapData } from './find-variable.ts';

export const configMapPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${encodeURIComponent(name)}`;

/** A workload of a namespace, by what its list says. */
export interface ListedWorkload {
  readonly kind: RollingKind;
  readonly name: string;
  readonly template: Json;
}
const LISTS = [
  ['Deployment', 'deployments'],
  ['StatefulSet', 'statefulsets'],
  ['DaemonSet', 'daemonsets'],
] as const;

/** ConfigMaps and workloads of one namespace as the API has them now, each read once for a plan. */
export function createNamespace(
  kube: Pick<ReadingOf<'kube'>, 'get'>,
  namespace: string,
  signal: AbortSignal,
) {
  const configMaps = new Map<string, Promise<ConfigMapData | undefined>>();
  let workloads: Promise<readonly ListedWorkload[]> | undefined;
  const readAll = async (): Promise<readonly ListedWorkload[]> => {
    const found: ListedWorkload[] = [];
    for (const [kind, resource] of LISTS) {
      const path = appsPath(namespace, resource);
      for (const object of await listAll(kube, { path, labelSelector: undefined }, signal)) {
        const name = stringOf(recordOf(object['metadata'])['name']);
        const template = recordOf(recordOf(object['spec'])['template']);
        if (name !== undefined) found.push({ kind, name, template });
      }
    }
    return found;
  };
  return {
    /** `undefined` where there is none of that name. */
    configMap(name: string): Promise<ConfigMapData | undefined> {
      const reading = configMaps.get(name) ?? readConfigMap(kube, configMapPath(namespace, name), signal);
      configMaps.set(name, reading);
      return reading;
    },
    /** Every Deployment, StatefulSet and DaemonSet. Rejects where one of the lists cannot be read. */
    workloads(): Promise<readonly ListedWorkload[]> {
      workloads ??= readAll();
      return workloads;
    },
  };
}
export type Namespace = ReturnType<typeof createNamespace>;

export async function readConfigMap(
  kube: Pick<ReadingOf<'kube'>, 'get'>,
  path: string,
  signal: AbortSignal,
): Promise<ConfigMapData | undefined> {
  try {
    const object = await kube.get(path, {}, signal);
    const entries = Object.entries(recordOf(object['data'])).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    return { data: Object.fromEntries(entries), isImmutable: object['immutable'] === true };
  } catch (error) {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
