import type { Clock } from '../../core/clock.ts';
import { recordOf, stringOf } from '../../core/json-read.ts';
import type { KubeAccess, Permission } from '../../domain/remote.ts';
import type { KubeConnection } from './kube-connection.ts';
import { maskMessage } from './mask.ts';

const PATH = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const KEPT_MS = 60_000;
const MAX_KEPT = 2_000;

/** Asks the API server what we may do; an answer is kept for a minute, and several who ask at once share one. */
export function createAccessReviews(connection: KubeConnection, clock: Clock) {
  const kept = new Map<string, { readonly at: number; readonly answer: Permission }>();
  const asked = new Map<string, Promise<Permission>>();

  async function ask(access: KubeAccess, signal: AbortSignal): Promise<Permission> {
    const { verb, group, resource, subresource, namespace, name } = access;
    const resourceAttributes = { verb, group, resource, subresource, namespace, name };
    const body = JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    });
    try {
      const { json, error } = await connection.ask({ method: 'POST', path: PATH, body, signal });
      if (error !== undefined) return { state: 'unknown', reason: error.message };
      const { allowed, reason } = recordOf(json?.['status']);
      if (typeof allowed !== 'boolean') return { state: 'unknown' };
      const said = stringOf(reason);
      return {
        state: allowed ? 'allowed' : 'denied',
        reason: said === undefined ? undefined : maskMessage(said),
      };
    } catch (thrown) {
      return { state: 'unknown', reason: thrown instanceof Error ? maskMessage(thrown.message) : undefined };
    }
  }

  return async (access: KubeAccess, signal: AbortSignal): Promise<Permission> => {
    const { verb, group, resource, subresource, namespace, name } = access;
    const key = JSON.stringify([verb, group, resource, subresource, namespace, name]);
    const known = kept.get(key);
    if (known !== undefined && clock.now() - known.at < KEPT_MS) return known.answer;
    const running = asked.get(key);
    if (running !== undefined) return await running;
    const answering = ask(access, signal).then((answer) => {
      asked.delete(key);
      if (answer.state !== 'unknown') {
        if (kept.size >= MAX_KEPT) kept.clear();
        kept.set(key, { at: clock.now(), answer });
      }
      return answer;
    });
    asked.set(key, answering);
    return await answering;
  };
}
