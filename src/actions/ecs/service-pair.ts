import type { Workload } from '../../domain/workload.ts';
import { guardSessionPair, type PairGuard } from '../guards/session-pair.ts';
import { serversOfWorkload } from '../guards/starting.ts';
import type { ActionTools } from '../tools.ts';

/**
 * A session pair on ECS is two services of one task each: what restarts one of them is guarded as its only server
 * is, and both services carry the same group. Never rejects.
 */
export async function guardServicePair(
  workload: Workload,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<PairGuard> {
  const [server] = serversOfWorkload(workload, tools.lookup);
  return server === undefined
    ? { warnings: [], order: [], waits: [] }
    : guardSessionPair({ server }, tools, signal);
}
