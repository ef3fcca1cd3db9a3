import { type Json, lineOf, listOf, numberOf, recordOf, stringOf, timeOf } from '../../core/json-read.ts';
import { appError } from '../../domain/errors.ts';
import type { KubeRemote } from '../../domain/remote.ts';
import { joinWords, type Text, text } from '../../domain/text.ts';
import type { InputOption } from '../action.ts';
import { ageText } from '../age-text.ts';
import { RESTARTED_AT } from '../guards/roll-mark.ts';
import { maskText } from '../mask.ts';
import { RUNS_NOW } from '../rollback-words.ts';
import { diffTemplateFields } from '../template-lines.ts';
import { appsPath } from './kube-paths.ts';
import { controllerOf, listAll, listPods } from './live-pods.ts';
import { imagesOf, type LiveWorkload } from './live-workload.ts';

const TEMPLATE_ID = 'LENA_CONFIG_TEMPLATE_ID';

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
  /** Why it was made, as whoever made it noted (`kubernetes.io/change-cause`). */
  readonly cause: string | undefined;
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
          cause: lineOf(recordOf(metadata['annotations'])['kubernetes.io/change-cause'], 200),
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

/** The revisions as a choice, each with what tells it from the others. */
export function revisionOptions(revisions: readonly KeptRevision[], now: number): readonly InputOption[] {
  const current = revisions.find(({ isCurrent }) => isCurrent)?.template;
  return revisions.map(({ number, template, createdAt, cause, pods, isCurrent }) => ({
    value: String(number),
    label: String(number),
    ...(isCurrent ? { unfit: RUNS_NOW } : {}),
    detail: joinWords(
      [
        createdAt === undefined ? undefined : ageText(now - createdAt),
        imagesOf(template).join(', '),
        templateIdOf(template),
        cause === undefined ? undefined : maskText(cause),
        isCurrent ? text('now', '현재') : undefined,
        !isCurrent && current !== undefined ? sameness(template, current) : undefined,
        pods > 0 ? text(`${pods} running`, `${pods}개 실행 중`) : undefined,
      ],
      ' · ',
    ),
  }));
}

/** Where a template says no more than the one that runs, in words. */
function sameness(template: Json, current: Json): Text | undefined {
  const lines = diffTemplateFields(current, template);
  if (lines.length === 0) return text('same as now', '현재와 같음');
  return isOnlyRestart(lines)
    ? text('same as now, only restarted since', '현재와 같음, 이후 재시작만 됨')
    : undefined;
}

/** True where nothing but the mark of a restart differs between two templates; of `diffTemplateFields`. */
export const isOnlyRestart = (lines: readonly string[]): boolean =>
  lines.length > 0 && lines.every((line) => line.startsWith(`metadata.annotations.${RESTARTED_AT}: `, 2));

/** `LENA_CONFIG_TEMPLATE_ID` where the template itself sets it. */
export const templateIdOf = (template: Json): string | undefined =>
  listOf(recordOf(template['spec'])['containers'])
    .flatMap((container) => listOf(recordOf(container)['env']).map(recordOf))
    .flatMap(({ name, value }) => (name === TEMPLATE_ID ? (lineOf(value, 200) ?? []) : []))[0];

/** Throws ACTION_IMPOSSIBLE where there is nothing to go back to, and says why. */
export function assertKeepsSome(live: LiveWorkload, revisions: readonly KeptRevision[]): void {
  if (revisions.some(({ isCurrent }) => !isCurrent)) return;
  const limit = numberOf(live.spec['revisionHistoryLimit']);
  const why = limit === 0 ? ': revisionHistoryLimit 0 keeps nothing' : '';
  const name = `${live.kind} ${live.namespace}/${live.name} of ${live.context}`;
  throw appError('ACTION_IMPOSSIBLE', `${name} keeps no earlier rollout revision${why}`, {
    hint: 'Apply the earlier manifest again; a higher revisionHistoryLimit keeps what comes after.',
  });
}
