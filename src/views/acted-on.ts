import { readLenaEnvironment } from '../diagnosis/lena-environment.ts';
import { isSameRef, type Ref } from '../domain/ref.ts';
import type { Workload } from '../domain/workload.ts';
import { isServerIn } from './server-links.ts';
import type { ViewContext } from './view.ts';

/**
 * True where what was acted on is the row meant, or belongs to it: a server's pod, a workload's or service
 * cluster's servers, anything of a context.
 */
export function isActedOn(
  target: { readonly ref: Ref; readonly context: string },
  scope: Ref,
  context: ViewContext,
): boolean {
  if (scope.kind === 'context') return target.context === scope.id;
  if (isSameRef(target.ref, scope)) return true;
  const { related } = context;
  if (scope.kind === 'server') {
    const records = related.get({ ...scope, kind: scope.kind })?.records;
    return isSameRef(records?.instance, target.ref) || isSameRef(records?.registration, target.ref);
  }
  if (target.ref.kind === 'workload' && scope.kind === 'serviceCluster') {
    const workload = related.get({ ...target.ref, kind: target.ref.kind });
    return workload !== undefined && isWorkloadIn(workload, { ...scope, kind: scope.kind }, context);
  }
  if (target.ref.kind !== 'server') return false;
  const server = related.get({ ...target.ref, kind: target.ref.kind });
  return server !== undefined && isServerIn(server, scope, context);
}

/** True where the servers it starts belong to the service cluster. */
function isWorkloadIn(
  { environment, ref }: Workload,
  scope: Ref<'serviceCluster'>,
  { related }: ViewContext,
): boolean {
  const cluster = related.get(scope);
  return (
    readLenaEnvironment(environment).template?.serviceCluster === (cluster?.name ?? scope.id) &&
    (cluster === undefined || cluster.contexts.length === 0 || cluster.contexts.includes(ref.context))
  );
}
