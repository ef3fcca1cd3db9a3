import type { Facts, PlanTarget } from '../../domain/plan.ts';
import type { ActionTools } from '../tools.ts';
import { isRollingKind } from './kube-paths.ts';
import { factsOf, openKube, readLive } from './live-workload.ts';

/** How a workload stands when it is over. */
export async function workloadAfter(
  { context, namespace, kind, name }: PlanTarget,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<Facts> {
  if (namespace === undefined || !isRollingKind(kind)) return {};
  const kube = await openKube(tools, context);
  return factsOf(await readLive(kube, { context, namespace, kind, name }, signal));
}
