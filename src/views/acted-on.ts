import { readLenaEnvironment } from '../diagnosis/lena-environment.ts';
import { isSameRef, type Ref } from '../domain/ref.ts';
import type { Workload } from '../domain/workload.ts';
import { isServerIn } from './server-links.ts';
import type { ViewContext } from './view.ts';

/**
 * True where what was acted on is the row meant, belongs to it (a workload's or service cluster's servers, anything
 * of a context) or is what the row belongs to (a server's workload and service cluster): what befell the one befell
 * the other.
 */
export function isActedOn(
  target: { readonly ref: Ref; readonly context: string },
  scope: Ref,
  context: ViewContext,
): boolean {
  if (scope.kind === 'context') return target.context === scope.id;
  return (
    isSameRef(target.ref, scope) || belongsTo(target.ref, scope, context) || holds(target.ref, scope, context)
  );
}

/** True where `part` is a record or server of the scope, or a workload of the service cluster. */
function belongsTo(part: Ref, scope: Ref, context: ViewContext): boolean {
  const { related } = context;
  if (scope.kind === 'server') {
    const records = related.get({ ...scope, kind: scope.kind })?.records;
    return isSameRef(records?.instance, part) || isSameRef(records?.registration, part);
  }
  if (part.kind === 'workload' && scope.kind === 'serviceCluster') {
    const workload = related.get({ ...part, kind: part.kind });
    return workload !== undefined && isWorkloadIn(workload, { ...scope, kind: scope.kind }, context);
  }
  if (part.kind !== 'server') return false;
  const server = related.get({ ...part, kind: part.kind });
  if (server !== undefined) return isServerIn(server, scope, context);
  if (scope.kind !== 'workload') return false;
  const workload = related.get({ ...scope, kind: scope.kind });
  return workload !== undefined && wasServerOf(part, workload);
}

/** True where `whole` is what a server or workload belongs to. */
function holds(whole: Ref, scope: Ref, context: ViewContext): boolean {
  if (scope.kind === 'server') {
    const server = context.related.get({ ...scope, kind: scope.kind });
    return (
      server !== undefined &&
      (whole.kind === 'workload' || whole.kind === 'serviceCluster') &&
      isServerIn(server, whole, context)
    );
  }
  if (scope.kind !== 'workload' || whole.kind !== 'serviceCluster') return false;
  const workload = context.related.get({ ...scope, kind: scope.kind });
  return workload !== undefined && isWorkloadIn(workload, { ...whole, kind: whole.kind }, context);
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

/** Letters Kubernetes makes names of pods from. */
const POD_LETTER = '[bcdfghjklmnpqrstvwxz2456789]';
/** What follows the workload's name in those of its pods. */
const POD_ENDINGS: Partial<Record<Workload['kind'], RegExp>> = {
  Deployment: new RegExp(`^-${POD_LETTER}{6,10}-${POD_LETTER}{5}$`),
  StatefulSet: /^-\d+$/,
  DaemonSet: new RegExp(`^-${POD_LETTER}{5}$`),
};

/** True for a pod that is there no more and that, by its name, this workload kept running. */
function wasServerOf({ context, id }: Ref, { ref, kind, name, place }: Workload): boolean {
  const start = `${place.name}/${name}`;
  return (
    context === ref.context &&
    id.startsWith(start) &&
    POD_ENDINGS[kind]?.test(id.slice(start.length)) === true
  );
}
