import { type Json, lineOf, numberOf, recordOf, stringOf, timeOf } from '../../core/json-read.ts';
import { cleanLine } from '../../core/text.ts';
import { judgeDaemonSet, judgeDeployment, judgeStatefulSet } from '../../diagnosis/kube-rollout.ts';
import { refOf } from '../../domain/ref.ts';
import type { Workload } from '../../domain/workload.ts';
import type { EnvironmentSpec } from './environment-spec.ts';
import { type MapContext, ownerOf } from './map-pod.ts';
import { selectServerContainer } from './server-container.ts';

export type KubeWorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';

/** A workload as kept; environment and revision number are completed when more is known. */
export interface WorkloadRecord {
  readonly key: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly workload: Workload;
  readonly environment: EnvironmentSpec;
  /** Name of the ControllerRevision it moves to (StatefulSet). */
  readonly updateRevision: string | undefined;
}

interface KindFacts {
  readonly judge: (
    metadata: Json,
    spec: Json,
    status: Json,
  ) => Pick<Workload['rollout'], 'state' | 'message'>;
  readonly desired: (spec: Json, status: Json) => number;
  readonly fields: { readonly ready: string; readonly updated: string; readonly available: string };
}
const REPLICAS = { ready: 'readyReplicas', updated: 'updatedReplicas', available: 'availableReplicas' };
const replicas = (spec: Json) => numberOf(spec['replicas']) ?? 1;
const KINDS: Readonly<Record<KubeWorkloadKind, KindFacts>> = {
  Deployment: { judge: judgeDeployment, desired: replicas, fields: REPLICAS },
  StatefulSet: { judge: judgeStatefulSet, desired: replicas, fields: REPLICAS },
  DaemonSet: {
    judge: judgeDaemonSet,
    desired: (_, status) => numberOf(status['desiredNumberScheduled']) ?? 0,
    fields: { ready: 'numberReady', updated: 'updatedNumberScheduled', available: 'numberAvailable' },
  },
};

const OWNERS: readonly {
  readonly name: string;
  readonly labels?: readonly string[];
  readonly annotations?: readonly string[];
}[] = [
  { name: 'Helm', annotations: ['meta.helm.sh/release-name'] },
  {
    name: 'Argo CD',
    labels: ['argocd.argoproj.io/instance'],
    annotations: ['argocd.argoproj.io/tracking-id'],
  },
  { name: 'Flux', labels: ['kustomize.toolkit.fluxcd.io/name', 'helm.toolkit.fluxcd.io/name'] },
];

/** Who else changes it, by the marks such tools leave. */
function ownedByOf(metadata: Json): string[] {
  const labels = recordOf(metadata['labels']);
  const annotations = recordOf(metadata['annotations']);
  const owners = OWNERS.filter(
    (owner) =>
      (owner.labels ?? []).some((label) => labels[label] !== undefined) ||
      (owner.annotations ?? []).some((annotation) => annotations[annotation] !== undefined),
  ).map((owner) => owner.name);
  if (labels['app.kubernetes.io/managed-by'] === 'Helm' && !owners.includes('Helm')) owners.push('Helm');
  const controller = ownerOf(metadata);
  if (controller !== undefined) owners.push(`${cleanLine(controller.kind, 60)} ${controller.name}`);
  return owners;
}

/** A Deployment, StatefulSet or DaemonSet of the API; `undefined` where it lacks a name. */
export function mapWorkload(
  kind: KubeWorkloadKind,
  object: unknown,
  { context, intern, environments, now }: MapContext,
): WorkloadRecord | undefined {
  const record = recordOf(object);
  const metadata = recordOf(record['metadata']);
  const spec = recordOf(record['spec']);
  const status = recordOf(record['status']);
  const name = lineOf(metadata['name'], 260);
  const namespace = intern.line(metadata['namespace']);
  if (name === undefined || namespace === undefined) return undefined;
  const template = recordOf(spec['template']);
  const container = selectServerContainer(
    recordOf(template['spec']),
    recordOf(recordOf(template['metadata'])['annotations']),
  );
  const environment = environments.read(container ?? {});
  const facts = KINDS[kind];
  const annotations = recordOf(metadata['annotations']);
  const { state, message } = facts.judge(metadata, spec, status);
  const key = `${namespace}/${kind}/${name}`;
  return {
    key,
    namespace,
    uid: stringOf(metadata['uid']) ?? key,
    resourceVersion: stringOf(metadata['resourceVersion']) ?? '',
    environment,
    updateRevision: stringOf(status['updateRevision']),
    workload: {
      ref: refOf('workload', context, key),
      contextKind: 'kube',
      kind,
      name,
      place: { kind: 'namespace', name: namespace },
      desired: facts.desired(spec, status),
      ready: numberOf(status[facts.fields.ready]) ?? 0,
      updated: numberOf(status[facts.fields.updated]) ?? 0,
      available: numberOf(status[facts.fields.available]) ?? 0,
      rollout: { state, message, revision: lineOf(annotations['deployment.kubernetes.io/revision'], 40) },
      image: intern.line(container?.['image']),
      environment: [],
      labels: intern.labels(metadata['labels']),
      ownedBy: ownedByOf(metadata),
      createdAt: timeOf(metadata['creationTimestamp']),
      seenAt: now(),
    },
  };
}
