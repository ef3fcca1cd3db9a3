import type { Facts, PlanTarget } from '../../domain/plan.ts';
import { readService, serviceFacts } from '../ecs/live-service.ts';
import { readTaskDefinition } from '../ecs/task-definition.ts';
import { isRollingKind } from '../kube/kube-paths.ts';
import { factsOf, openKube, readLive } from '../kube/live-workload.ts';
import type { ActionTools } from '../tools.ts';
import { sitesOfDefinition } from './ecs-switch.ts';
import { createNamespace } from './name-space.ts';
import { readTemplateSites, type TemplateSite } from './template-sites.ts';

/** How a target stands when it is over: its rollout and the template id its pods get. */
export async function afterSwitch(
  target: PlanTarget,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<Facts> {
  const { context, namespace, kind, name } = target;
  if (kind === 'EcsService') return afterService(target, tools, signal);
  if (namespace === undefined || !isRollingKind(kind)) return {};
  const kube = await openKube(tools, context);
  const live = await readLive(kube, { context, namespace, kind, name }, signal);
  const { sites } = await readTemplateSites(
    live.template,
    createNamespace(kube, namespace, signal).configMap,
  );
  return { ...factsOf(live), templateId: idsOf(sites) };
}

async function afterService(
  { context, name, before }: PlanTarget,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<Facts> {
  const ecs = await tools.remote('ecs', context);
  const live = await readService({ context, cluster: String(before['cluster']), name }, ecs, signal);
  const { sites } = sitesOfDefinition(await readTaskDefinition(ecs, live.taskDefinition, signal));
  return { ...serviceFacts(live), templateId: idsOf(sites) };
}

const idsOf = (sites: readonly TemplateSite[]): string =>
  [...new Set(sites.map(({ value }) => value))].join(', ');
