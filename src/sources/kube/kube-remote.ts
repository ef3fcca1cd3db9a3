import type { CallRequest, KubeCall, Sent } from '../../domain/call.ts';
import { sourceFailure } from '../../domain/errors.ts';
import type { KubeRemote } from '../../domain/remote.ts';
import { createAccessReviews } from './access-review.ts';
import { execInPod, streamFromPod } from './exec-socket.ts';
import { type KubeSourceOptions, openConnection } from './open-connection.ts';
import { readPodLog } from './pod-log.ts';
import { lostOutcome, outcomeOf, toJsonObject } from './write-outcome.ts';

/** As the source's: a remote is one more client of the same context, with a connection of its own. */
export type KubeRemoteOptions = KubeSourceOptions;

/** What actions may ask of one Kubernetes context. */
export function createKubeRemote(options: KubeRemoteOptions): KubeRemote {
  const { context, clock } = options;
  const connection = openConnection(options);

  async function send(call: KubeCall, signal: AbortSignal): Promise<Sent> {
    const { method, path, query, contentType, body } = call;
    let hasLeft = false;
    try {
      const answer = await connection.ask({
        method,
        path,
        query,
        contentType,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
        leaving(isOnItsWay) {
          hasLeft = isOnItsWay;
        },
      });
      return outcomeOf(call, answer);
    } catch (thrown) {
      return lostOutcome(thrown, hasLeft);
    }
  }

  return {
    kind: 'kube',
    context,
    async identity(signal) {
      const link = await connection.load(signal).catch(() => undefined);
      return link?.credentials.identity;
    },
    send: async (request, signal) => (request.system === 'kube' ? send(request, signal) : notOurs(request)),
    dryRun: async (request, signal) =>
      request.system === 'kube' ? send(dryRunOf(request), signal) : notOurs(request),
    async get(path, query, signal) {
      return toJsonObject(await connection.getJson({ path, query, signal }));
    },
    mayI: createAccessReviews(connection, clock),
    exec: (request, signal) => execInPod(connection, request, signal),
    stream: (request, onBytes, signal) => streamFromPod(connection, request, { onBytes, signal }),
    log: (request, onLine, signal) => readPodLog(connection, request, { onLine, signal }),
    close: () => connection.close(),
  };
}

/**
 * The same call, changing nothing. Where a DELETE has a body the server reads its options there and nowhere else:
 * told in the query alone it would be carried out.
 */
function dryRunOf(call: KubeCall): KubeCall {
  const query = { ...call.query, dryRun: 'All' };
  const { method, body } = call;
  if (method !== 'DELETE' || body === undefined) return { ...call, query };
  return { ...call, query, body: { ...toJsonObject(body), dryRun: ['All'] } };
}

const notOurs = ({ system }: CallRequest): Sent => ({
  outcome: 'notSent',
  error: sourceFailure('INTERNAL', `a call of ${system} was given to a Kubernetes context`),
});
