import { type Json, lineOf, numberOf, recordOf, stringOf, timeOf } from '../../core/json-read.ts';
import { appError } from '../../domain/errors.ts';
import type { KubeRemote } from '../../domain/remote.ts';
import type { InputOption } from '../action.ts';
import { ageText } from '../age-text.ts';
import { appsPath } from './kube-paths.ts';
import { controllerOf, listAll, listPods } from './live-pods.ts';
import { imagesOf, type LiveWorkload } from './live-workload.ts';

/** One revision a workload keeps. */
export interface KeptRevision {
  readonly number: number;
  /** ReplicaSet or ControllerRevision. */
  readonly name: string;
  /** What pods of it carry: `pod-template-hash`, or `controller-revision-hash`. */
  readonly hash: string;
  /** The pod template it had. */
  readonly template: Json;
  readonly createdAt: number | undefined;
  /** Pods of it now. */
  readonly pods: number;
  readonly isCurrent: boolean;
}

/** The label by which a pod says which revision it is of. */
export const hashLabelOf = (kind: LiveWorkload['kind']): string =>
  kind === 'Deployment' ? 'pod-template-hash' : 'controller-revision-hash';

/** Revisions a workload keeps, newest first. Rejects with an AppError. */
export async function readRevisions(
  live: LiveWorkload,
  kube: Pick<KubeRemote, 'get'>,
  signal: AbortSignal,
): Promise<readonly KeptRevision[]> {
  const { namespace, labelSelector, kind } = live;
  const resource = kind === 'Deployment' ? 'replicasets' : 'controllerrevisions';
  const [objects, pods] = await Promise.all([
    listAll(kube, { path: appsPath(namespace, resource), labelSelector }, signal),
    listPods(kube, live, signal),
  ]);
  const label = hashLabelOf(kind);
  const current = currentNumber(live, objects);
  return objects
    .filter((object) => controllerOf(recordOf(object['metadata']))?.uid === live.uid)
    .flatMap((object): KeptRevision[] => {
      const metadata = recordOf(object['metadata']);
      const number = numberOfRevision(object);
      const name = lineOf(metadata['name'], 260);
      if (number === undefined || name === undefined) return [];
      const own = stringOf(recordOf(metadata['labels'])[label]);
      // Pods of a StatefulSet carry the whole name of their revision, those of a DaemonSet its last part.
      const hash = kind === 'StatefulSet' ? name : (own ?? name.slice(name.lastIndexOf('-') + 1));
      return [
        {
          number,
          name,
          hash,
          template: templateOf(kind, object),
          createdAt: timeOf(metadata['creationTimestamp']),
          pods: pods.filter(({ labels, isEnding }) => !isEnding && labels[label] === hash).length,
          isCurrent: number === current,
        },
      ];
    })
    .sort((a, b) => b.number - a.number);
}

function numberOfRevision(object: Json): number | undefined {
  const own = numberOf(object['revision']);
  if (own !== undefined) return own;
  const noted = recordOf(recordOf(object['metadata'])['annotations'])['deployment.kubernetes.io/revision'];
  return typeof noted === 'string' && /^\d{1,15}$/.test(noted) ? Number(noted) : undefined;
}

/** A Deployment notes its revision; the others are at the newest one they keep. */
function currentNumber(live: LiveWorkload, objects: readonly Json[]): number | undefined {
  if (live.kind === 'Deployment') return numberOfRevision({ metadata: live.metadata });
  const numbers = objects
    .filter((object) => controllerOf(recordOf(object['metadata']))?.uid === live.uid)
    .flatMap((object) => numberOfRevision(object) ?? []);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** Without what the controllers add of their own. */
function templateOf(kind: LiveWorkload['kind'], object: Json): Json {
  if (kind !== 'Deployment') {
    const { $patch: _, ...template } = recordOf(recordOf(recordOf(object['data'])['spec'])['template']);
    return template;
  }
  const template = recordOf(recordOf(object['spec'])['template']);
  const metadata = recordOf(template['metadata']);
  const { 'pod-template-hash': _, ...labels } = recordOf(metadata['labels']);
  return { ...template, metadata: { ...metadata, labels } };
}

/** The revisions as a choice. */
export const revisionOptions = (revisions: readonly KeptRevision[], now: number): readonly InputOption[] =>
  revisions.map(({ number, template, createdAt, pods, isCurrent }) => ({
    value: String(number),
    label: String(number),
    detail: [
      createdAt === undefined ? undefined : ageText(now - createdAt),
      imagesOf(template).join(', '),
      isCurrent ? 'now' : undefined,
      pods > 0 ? `${pods} running` : undefined,
    ]
      .filter((part) => part !== undefined && part !== '')
      .join(' · '),
  }));

/** Throws ACTION_IMPOSSIBLE where there is nothing to go back to, and says why. */
export function assertKeepsSome(live: LiveWorkload, revisions: readonly KeptRevision[]): void {
  if (revisions.some(({ isCurrent }) => !isCurrent)) return;
  const limit = numberOf(live.spec['revisionHistoryLimit']);
  const why = limit === 0 ? ': revisionHistoryLimit 0 keeps nothing' : '';
  const name = `${live.kind} ${live.namespace}/${live.name} of ${live.context}`;
  throw appError('ACTION_IMPOSSIBLE', `${name} keeps no earlier revision${why}`, {
    hint: 'Apply the earlier manifest again; a higher revisionHistoryLimit keeps what comes after.',
  });
}
