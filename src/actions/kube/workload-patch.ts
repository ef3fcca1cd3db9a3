import type { JsonValue, KubeCall } from '../../domain/call.ts';
import type { PlanTarget } from '../../domain/plan.ts';
import type { Workload } from '../../domain/workload.ts';
import { factsOf, type LiveWorkload } from './live-workload.ts';

/** A plan's target of a workload, without its steps. */
export const targetOf = ({ ref }: Workload, live: LiveWorkload): Omit<PlanTarget, 'steps'> => ({
  ref,
  context: live.context,
  namespace: live.namespace,
  kind: live.kind,
  name: live.name,
  before: factsOf(live),
});

/**
 * A JSON patch that holds only for the object and the specification that were seen: whoever changed either since,
 * this one is a conflict.
 */
export const patchCall = (live: LiveWorkload, operations: readonly JsonValue[]): KubeCall => ({
  system: 'kube',
  method: 'PATCH',
  path: live.path,
  query: { fieldManager: 'l9s' },
  contentType: 'application/json-patch+json',
  body: [
    { op: 'test', path: '/metadata/uid', value: live.uid },
    { op: 'test', path: '/metadata/generation', value: live.generation },
    ...operations,
  ],
});
