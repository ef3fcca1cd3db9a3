import { isSameRef, type Ref } from '../domain/ref.ts';
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
  if (target.ref.kind !== 'server') return false;
  const server = related.get({ ...target.ref, kind: target.ref.kind });
  return server !== undefined && isServerIn(server, scope, context);
}
