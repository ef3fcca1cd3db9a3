import type { KubeCall } from '../../domain/call.ts';
import { appError } from '../../domain/errors.ts';
import type { WaitStep } from '../../domain/plan.ts';
import { text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { guardSessionPair } from '../guards/session-pair.ts';
import { startWarnings } from '../guards/start-guard.ts';
import { startingOfServer } from '../guards/starting.ts';
import type { ActionTools } from '../tools.ts';
import { aloneWarnings } from './alone-warnings.ts';
import { podPath } from './kube-paths.ts';
import { partOf } from './live-pods.ts';
import {
  evictionVersion,
  type LiveServer,
  namespaceOf,
  podAfter,
  readServer,
  readSiblings,
  type Siblings,
  whyEnding,
  whyNoPod,
} from './live-server.ts';
import { openKube } from './live-workload.ts';
import { podDraft } from './pod-draft.ts';

const EVERY_MS = 2_000;
/** Beside its grace period: until another one is scheduled, pulled and started. */
const START_TIMEOUT_MS = 15 * 60_000;
const DEFAULT_GRACE_SECONDS = 30;

/** Evicts the pod, so that disruption budgets are heeded, and waits until another one is ready in its place. */
export const restartKube: Way<'server'> = {
  // Whether anything makes it again is asked when planning: rows know the usual controllers only.
  disabledReason: (server) => whyNoPod(server) ?? whyEnding(server),
  needs: (server, lookup) => [
    {
      verb: 'create',
      group: '',
      resource: 'pods',
      subresource: 'eviction',
      namespace: namespaceOf(server, lookup),
      name: server.name,
    },
  ],
  async plan({ target: server, together, signal }, tools) {
    const live = await readServer(server, tools, signal);
    const { namespace, pod, kube } = live;
    assertReplaced(live);
    const siblings = await readSiblings(live, signal);
    const [alone, apiVersion, starting, pair] = await Promise.all([
      aloneWarnings(live, siblings, { together, lookup: tools.lookup, signal }),
      evictionVersion(kube, signal),
      startWarnings(startingOfServer(server, tools.lookup), tools, signal),
      guardSessionPair({ server, together }, tools, signal),
    ]);
    const request: KubeCall = {
      system: 'kube',
      method: 'POST',
      path: `${podPath(namespace, pod.name)}/eviction`,
      body: {
        apiVersion,
        kind: 'Eviction',
        metadata: { name: pod.name, namespace },
        deleteOptions: { preconditions: { uid: pod.uid } },
      },
    };
    const title = text(`evict pod ${namespace}/${pod.name}`, `파드 ${namespace}/${pod.name} 축출`);
    return podDraft(server, live, {
      title,
      request,
      waits: [replacementWait(live, siblings, tools), ...pair.waits],
      group: pair.group,
      warnings: [...pair.order, ...starting, ...pair.warnings, ...alone],
    });
  },
  after: podAfter,
};

/** Throws ACTION_IMPOSSIBLE for a pod that is ending, or that nothing would make again. */
function assertReplaced({ context, namespace, pod }: LiveServer): void {
  const name = `Pod ${namespace}/${pod.name} of ${context}`;
  if (pod.isEnding) throw appError('ACTION_IMPOSSIBLE', `${name} is ending already`);
  if (pod.owner === undefined) {
    throw appError('ACTION_IMPOSSIBLE', `${name} has no controller: evicted, it would not come back`, {
      hint: 'Delete it and apply its manifest again.',
    });
  }
  if (pod.owner.kind === 'Node')
    throw appError('ACTION_IMPOSSIBLE', `${name} is a static pod of its node: the API cannot restart it`);
}

/**
 * Waits until the controller has as many pods as it had, every one that is new among them is ready, and the evicted
 * one is gone or going. A controller that is to have fewer by now is done sooner.
 */
function replacementWait(live: LiveServer, before: Siblings, tools: ActionTools): WaitStep {
  const { context, namespace, pod } = live;
  const known = new Set(before.pods.map(({ uid }) => uid));
  const countBefore = before.pods.filter(({ isEnding }) => !isEnding).length;
  return {
    type: 'wait',
    title: text(`wait until ${pod.name} is replaced and ready`, `${pod.name} 교체 및 준비 대기`),
    everyMs: EVERY_MS,
    timeoutMs: (pod.graceSeconds ?? DEFAULT_GRACE_SECONDS) * 1_000 + START_TIMEOUT_MS,
    async check(signal) {
      const kube = await openKube(tools, context);
      const { desired, pods } = await readSiblings({ ...live, kube }, signal);
      const evicted = pods.find(({ uid }) => uid === pod.uid);
      const present = pods.filter(({ isEnding }) => !isEnding);
      const fresh = present.filter(({ uid }) => !known.has(uid));
      const needed = Math.min(countBefore, desired ?? countBefore);
      const isWhole = (evicted === undefined || evicted.isEnding) && present.length >= needed;
      const isReplaced = needed < countBefore || fresh.length > 0;
      const parts = [...(evicted === undefined ? [] : [evicted]), ...fresh].map((one) =>
        partOf(one, one !== evicted),
      );
      const isDone = isWhole && isReplaced && fresh.every(({ isReady }) => isReady);
      const waitingFor = fresh.find(({ isReady }) => !isReady);
      const detail =
        waitingFor === undefined
          ? `no replacement in ${namespace} yet`
          : `${waitingFor.name}: ${waitingFor.detail ?? ''}`;
      return isDone
        ? { state: 'done', detail: fresh.map(({ name }) => `${name} is ready`).join(', '), parts }
        : { state: 'waiting', detail, parts };
    },
  };
}
