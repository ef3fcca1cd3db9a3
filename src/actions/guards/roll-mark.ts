import { recordOf } from '../../core/json-read.ts';
import type { JsonValue, KubeCall } from '../../domain/call.ts';
import type { LivePod } from '../kube/live-pods.ts';
import type { LiveWorkload } from '../kube/live-workload.ts';

/** As kubectl marks a restart; whoever reads the template knows what it means. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
const ANNOTATIONS = '/spec/template/metadata/annotations';
const MARK = `${ANNOTATIONS}/${RESTARTED_AT.replace('/', '~1')}`;

/** Makes every pod of a workload a new one, and tells the new ones from the others. */
export interface RollMark {
  /** What it says, ISO 8601. */
  readonly at: string;
  /** JSON-patch operations that set it, and that put back what was there. */
  readonly set: readonly JsonValue[];
  readonly undo: readonly JsonValue[];
  readonly isNew: (pod: LivePod) => boolean;
}

/** `at` in epoch ms; two rollouts within one second would be one. */
export function rollMark({ template }: LiveWorkload, at: number): RollMark {
  const value = new Date(at).toISOString();
  const { annotations } = recordOf(template['metadata']);
  return {
    at: value,
    set: [
      annotations === undefined
        ? { op: 'add', path: ANNOTATIONS, value: { [RESTARTED_AT]: value } }
        : { op: 'add', path: MARK, value },
    ],
    // Holds whether the mark was set or not, since what came before it may be what failed.
    undo: [{ op: 'add', path: ANNOTATIONS, value: textsOf(annotations) }],
    isNew: ({ annotations: own }) => own[RESTARTED_AT] === value,
  };
}

const textsOf = (annotations: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(recordOf(annotations)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );

/**
 * A JSON patch that holds for this very object and for what its own operations test. The generation is not tested:
 * earlier calls of the same plan and an autoscaler raise it.
 */
export const uidPatch = (live: LiveWorkload, operations: readonly JsonValue[]): KubeCall => ({
  system: 'kube',
  method: 'PATCH',
  path: live.path,
  query: { fieldManager: 'l9s' },
  contentType: 'application/json-patch+json',
  body: [{ op: 'test', path: '/metadata/uid', value: live.uid }, ...operations],
});
