import type { Facts, PlanTarget } from '../../domain/plan.ts';
import { isRollingKind } from '../kube/kube-paths.ts';
import { factsOf, openKube, readLive } from '../kube/live-workload.ts';
import type { ActionTools } from '../tools.ts';
import { createNamespace } from './name-space.ts';
import { readTemplateSites } from './template-sites.ts';

/** How a target stands when it is over: its rollout and the template id its pods get. */
export async function afterSwitch(
  { context, namespace, kind, name }: PlanTarget,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<Facts> {
  if (namespace === undefined || !isRollingKind(kind)) return {};
  const kube = await openKube(tools, context);
  const live = await readLive(kube, { context, namespace, kind, name }, signal);
  const { sites } = await readTemplateSites(
    live.template,
    createNamespace(kube, namespace, signal).configMap,
  );
  return { ...factsOf(live), templateId: [...new Set(sites.map(({ value }) => value))].join(', ') };
}
