import { type Json, lineOf, listOf, numberOf, recordOf, stringOf } from '../../core/json-read.ts';
import { conditionOf } from '../../diagnosis/kube-rollout.ts';
import type { ProgressPart } from '../../domain/plan.ts';
import type { KubeRemote } from '../../domain/remote.ts';
import { podsPath } from './kube-paths.ts';

/** A pod as its API server has it now. */
export interface LivePod {
  readonly name: string;
  readonly uid: string;
  readonly labels: Json;
  readonly annotations: Json;
  /** Its controller. */
  readonly owner:
    | { readonly kind: string; readonly name: string; readonly uid: string; readonly apiVersion: string }
    | undefined;
  readonly isEnding: boolean;
  readonly isReady: boolean;
  /** Why it is not ready, as far as it tells. */
  readonly detail: string | undefined;
  readonly node: string | undefined;
  readonly finalizers: readonly string[];
  readonly graceSeconds: number | undefined;
}

export function readPod(object: unknown): LivePod {
  const pod = recordOf(object);
  const metadata = recordOf(pod['metadata']);
  const spec = recordOf(pod['spec']);
  const status = recordOf(pod['status']);
  const isReady = conditionOf(status, 'Ready')?.['status'] === 'True';
  const isEnding = stringOf(metadata['deletionTimestamp']) !== undefined;
  return {
    name: lineOf(metadata['name'], 260) ?? '',
    uid: lineOf(metadata['uid'], 100) ?? '',
    labels: recordOf(metadata['labels']),
    annotations: recordOf(metadata['annotations']),
    owner: controllerOf(metadata),
    isEnding,
    isReady: isReady && !isEnding,
    detail: isEnding ? 'ending' : isReady ? 'ready' : whyNotReady(status),
    node: lineOf(spec['nodeName'], 260),
    finalizers: listOf(metadata['finalizers']).flatMap((entry) => lineOf(entry, 100) ?? []),
    graceSeconds: numberOf(spec['terminationGracePeriodSeconds']),
  };
}

/** The controller an object's metadata names. */
export function controllerOf(metadata: Json): LivePod['owner'] {
  for (const entry of listOf(metadata['ownerReferences'])) {
    const { controller, kind, name, uid, apiVersion } = recordOf(entry);
    if (controller !== true) continue;
    return {
      kind: lineOf(kind, 100) ?? '',
      name: lineOf(name, 260) ?? '',
      uid: lineOf(uid, 100) ?? '',
      apiVersion: lineOf(apiVersion, 100) ?? '',
    };
  }
  return undefined;
}

function whyNotReady(status: Json): string {
  const statuses = [...listOf(status['initContainerStatuses']), ...listOf(status['containerStatuses'])];
  for (const entry of statuses.map(recordOf)) {
    const state = recordOf(entry['state']);
    const reason = recordOf(state['waiting'])['reason'] ?? recordOf(state['terminated'])['reason'];
    if (reason !== 'Completed' && typeof reason === 'string') return lineOf(reason, 100) ?? '';
  }
  const scheduled = conditionOf(status, 'PodScheduled');
  if (scheduled?.['status'] === 'False')
    return lineOf(scheduled['message'] ?? scheduled['reason'], 200) ?? '';
  return lineOf(status['phase'], 40) === 'Running' ? 'not ready yet' : (lineOf(status['phase'], 40) ?? '');
}

/** A label selector of the API as a query has it. */
export function selectorText(selector: unknown): string {
  const { matchLabels, matchExpressions } = recordOf(selector);
  const labels = Object.entries(recordOf(matchLabels)).map(([name, value]) => `${name}=${String(value)}`);
  const expressions = listOf(matchExpressions).map((entry) => {
    const { key, operator, values } = recordOf(entry);
    const all = listOf(values).join(',');
    switch (operator) {
      case 'In':
        return `${String(key)} in (${all})`;
      case 'NotIn':
        return `${String(key)} notin (${all})`;
      case 'DoesNotExist':
        return `!${String(key)}`;
      default:
        return String(key);
    }
  });
  return [...labels, ...expressions].join(',');
}

const PAGE = '500';
const MAX_PAGES = 20;

/** All pods of a namespace that a selector finds. */
export async function listPods(
  kube: Pick<KubeRemote, 'get'>,
  { namespace, labelSelector }: { readonly namespace: string; readonly labelSelector: string | undefined },
  signal: AbortSignal,
): Promise<readonly LivePod[]> {
  return (await listAll(kube, { path: podsPath(namespace), labelSelector }, signal)).map(readPod);
}

/** Every object of a list, page by page. */
export async function listAll(
  kube: Pick<KubeRemote, 'get'>,
  { path, labelSelector }: { readonly path: string; readonly labelSelector: string | undefined },
  signal: AbortSignal,
): Promise<readonly Json[]> {
  const items: Json[] = [];
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await kube.get(path, { labelSelector, limit: PAGE, continue: next }, signal);
    items.push(...listOf(answer['items']).map(recordOf));
    next = stringOf(recordOf(answer['metadata'])['continue']);
    if (next === undefined) break;
  }
  return items;
}

/** A pod as one part of a progress; `isNew` says whether it is one of those waited for. */
export const partOf = ({ name, isReady, isEnding, detail }: LivePod, isNew: boolean): ProgressPart => ({
  name,
  state: isNew && isReady ? 'done' : 'waiting',
  detail: isNew || isEnding ? detail : `to be replaced, ${detail}`,
});
