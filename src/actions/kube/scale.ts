import { numberOf, recordOf, stringOf } from '../../core/json-read.ts';
import type { KubeCall } from '../../domain/call.ts';
import { text } from '../../domain/text.ts';
import type { Way } from '../action.ts';
import { commandBack } from '../command-back.ts';
import { autoscalerWarnings } from '../guards/owner-guard.ts';
import { guardScale, scaleWarnings } from '../guards/scale-guard.ts';
import { sizeWarnings } from '../size-warnings.ts';
import { isRollingKind, workloadAccess } from './kube-paths.ts';
import { type LiveWorkload, readWorkload } from './live-workload.ts';
import { scaleWait } from './rollout-wait.ts';
import { workloadAfter } from './workload-after.ts';
import { targetOf } from './workload-patch.ts';

/** Sets the scale sub-resource and waits until as many pods are ready. */
export const scaleKube: Way<'workload'> = {
  disabledReason: ({ kind }) => {
    if (kind === 'DaemonSet')
      return text('a DaemonSet has one pod for each node', 'DaemonSet은 노드마다 파드가 하나임');
    return isRollingKind(kind) ? undefined : text(`a ${kind} is not scaled`, `${kind}은(는) 스케일하지 않음`);
  },
  needs: ({ kind, place, name, desired }) =>
    isRollingKind(kind)
      ? [
          workloadAccess(kind, {
            verb: desired === 0 ? 'update' : 'patch',
            subresource: 'scale',
            namespace: place.name,
            name,
          }),
        ]
      : [],
  async plan({ target, input, signal }, tools) {
    const replicas = Number(input['replicas']);
    guardScale(target, replicas, tools.lookup);
    const { live, kube } = await readWorkload(target, tools, signal);
    const scale = await kube.get(`${live.path}/scale`, {}, signal);
    const seen = {
      replicas: numberOf(recordOf(scale['spec'])['replicas']) ?? 0,
      resourceVersion: stringOf(recordOf(scale['metadata'])['resourceVersion']) ?? live.resourceVersion,
    };
    const [autoscalers, starting] = await Promise.all([
      autoscalerWarnings(target, tools, signal),
      scaleWarnings(target, { before: seen.replicas, replicas }, { tools, signal }),
    ]);
    const title = text(
      `scale ${live.kind} ${live.name} from ${seen.replicas} to ${replicas}`,
      `${live.kind} ${live.name} ${seen.replicas} → ${replicas}`,
    );
    const request = scaleCall(live, seen, replicas);
    return {
      targets: [
        {
          ...targetOf(target, live),
          before: { ...targetOf(target, live).before, replicas: seen.replicas },
          steps: [
            { type: 'call', call: { context: live.context, title, request } },
            scaleWait(live, replicas, tools),
          ],
          wayBack: commandBack('scale', target.ref, `--replicas ${seen.replicas}`),
        },
      ],
      warnings: [...sizeWarnings(live.name, seen.replicas, replicas), ...autoscalers, ...starting],
      diff: [
        {
          title: `${live.kind} ${live.namespace}/${live.name}`,
          lines: [`- spec.replicas: ${seen.replicas}`, `+ spec.replicas: ${replicas}`],
        },
      ],
    };
  },
  after: workloadAfter,
};

interface SeenScale {
  readonly replicas: number;
  readonly resourceVersion: string;
}

/**
 * Holds only while the number is what was seen. A Scale of none leaves `replicas` out, so there is nothing a patch
 * could test: then it is an update of the version that was seen.
 */
function scaleCall(live: LiveWorkload, seen: SeenScale, replicas: number): KubeCall {
  const path = `${live.path}/scale`;
  const query = { fieldManager: 'l9s' };
  if (seen.replicas > 0) {
    return {
      system: 'kube',
      method: 'PATCH',
      path,
      query,
      contentType: 'application/json-patch+json',
      body: [
        { op: 'test', path: '/metadata/uid', value: live.uid },
        { op: 'test', path: '/spec/replicas', value: seen.replicas },
        { op: 'replace', path: '/spec/replicas', value: replicas },
      ],
    };
  }
  const { namespace, name, uid } = live;
  return {
    system: 'kube',
    method: 'PUT',
    path,
    query,
    body: {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name, namespace, uid, resourceVersion: seen.resourceVersion },
      spec: { replicas },
    },
  };
}
