import { readLenaEnvironment } from '../../diagnosis/lena-environment.ts';
import type { EnvironmentEntry } from '../../domain/environment.ts';
import type { BackEnd, KubeAccess } from '../../domain/remote.ts';
import type { ServiceCluster } from '../../domain/service-cluster.ts';
import { type Text, text } from '../../domain/text.ts';
import type { Workload } from '../../domain/workload.ts';
import { isOfWorkload } from '../guards/starting.ts';
import { isRollingKind, workloadAccess } from '../kube/kube-paths.ts';
import type { Lookup } from '../tools.ts';

const TEMPLATE_ID = 'LENA_CONFIG_TEMPLATE_ID';
const DOWNLOAD = 'LENA_CONFIG_TEMPLATE_DOWNLOAD';

/** Workloads whose own environment names the service cluster, with servers or without; datagrams are not asked. */
export function workloadsOfCluster(
  { ref, name, contexts }: ServiceCluster,
  lookup: Lookup,
): readonly Workload[] {
  const inReach = new Set([...contexts, ...lookup.servedBy(ref.context), ref.context]);
  return [...lookup.all('workload')].filter(
    (workload) =>
      canBeSwitched(workload) &&
      inReach.has(workload.ref.context) &&
      readLenaEnvironment(workload.environment).template?.serviceCluster === name,
  );
}

const canBeSwitched = ({ kind }: Workload): boolean => kind === 'EcsService' || isRollingKind(kind);

/** Servers of a cluster that no workload keeps, by name: a switch does not reach them. */
export const serversBeside = (cluster: ServiceCluster, lookup: Lookup): readonly string[] => {
  const workloads = workloadsOfCluster(cluster, lookup);
  return [...lookup.all('server')]
    .filter(
      (server) =>
        server.records.registration !== undefined &&
        lookup.get(server.records.registration)?.serviceCluster === cluster.name &&
        !workloads.some((workload) => isOfWorkload(server, workload)),
    )
    .map(({ name }) => name);
};

export const backEndOfCluster = (cluster: ServiceCluster, lookup: Lookup): BackEnd | undefined => {
  const kinds = workloadsOfCluster(cluster, lookup).map(({ contextKind }) => contextKind);
  return kinds.includes('kube') ? 'kube' : kinds.includes('ecs') ? 'ecs' : undefined;
};

/** Why a workload's template cannot be switched, as far as its row tells. */
export function whyNoSwitch({ kind, environment, ref }: Workload, lookup: Lookup): Text | undefined {
  if (kind !== 'EcsService' && !isRollingKind(kind)) {
    return text(`a ${kind} has no rollout`, `${kind}에는 롤아웃이 없음`);
  }
  const entry = entryOf(environment, TEMPLATE_ID);
  if (entry === undefined) {
    // A ConfigMap that could not be read may hold it; only the plan can tell.
    return environment.some(({ unread }) => unread !== undefined)
      ? undefined
      : text(`it has no ${TEMPLATE_ID}`, `${TEMPLATE_ID} 없음`);
  }
  if (entry.origin.kind === 'secret' || entry.origin.kind === 'field') {
    return text(
      `its ${TEMPLATE_ID} comes from ${entry.origin.kind} ${entry.origin.name}`,
      `${TEMPLATE_ID}이(가) ${entry.origin.kind} ${entry.origin.name}에서 옴`,
    );
  }
  const download = entryOf(environment, DOWNLOAD);
  if (download?.value !== undefined && download.value.trim() !== 'Y') {
    return text(
      `its ${DOWNLOAD} is ${download.value}: no template is downloaded`,
      `${DOWNLOAD}=${download.value}: 템플릿을 내려받지 않음`,
    );
  }
  return lookup.managersServing(ref.context).length === 0 ? noManager(ref.context) : undefined;
}

const noManager = (context: string): Text =>
  text(
    `no Manager is configured for ${context}, so no template revision can be checked`,
    `${context}에 설정된 Manager가 없어 템플릿 리비전을 확인할 수 없음`,
  );

const entryOf = (environment: readonly EnvironmentEntry[], name: string): EnvironmentEntry | undefined =>
  environment.find((entry) => entry.name === name);

/** The rights to change a workload and the ConfigMap its template id comes from. */
export function accessFor({ kind, name, place, environment }: Workload): readonly KubeAccess[] {
  if (!isRollingKind(kind)) return [];
  const origin = entryOf(environment, TEMPLATE_ID)?.origin;
  return [
    workloadAccess(kind, { verb: 'patch', namespace: place.name, name }),
    ...(origin?.kind === 'configMap'
      ? [{ verb: 'patch', group: '', resource: 'configmaps', namespace: place.name, name: origin.name }]
      : []),
  ];
}
