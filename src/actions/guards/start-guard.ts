import type { PlanWarning } from '../../domain/plan.ts';
import type { ActionTools, Lookup } from '../tools.ts';
import { graceWarnings, imageWarnings } from './container-guard.ts';
import { managerWarnings } from './manager-guard.ts';
import { ownerWarnings } from './owner-guard.ts';
import { revisionWarnings } from './revision-guard.ts';
import type { Starting } from './starting.ts';
import { wasSessionWarnings } from './was-session-guard.ts';

/**
 * Everything an operator must know before a LENA container is started anew: whether its Manager answers, which
 * template revision it comes up with, what its image, its grace period, its owners and its sessions mean. Never
 * rejects. Build `starting` by `startingOfServer` or `startingOfWorkload`.
 */
export async function startWarnings(
  starting: Starting,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<readonly PlanWarning[]> {
  return [...(await beginWarnings(starting, tools, signal)), ...endWarnings(starting, tools.lookup)];
}

/** The part of it that holds where servers come to those that run, and none ends. Never rejects. */
export async function beginWarnings(
  starting: Starting,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<readonly PlanWarning[]> {
  const [manager, revision] = await Promise.all([
    managerWarnings(starting, tools, signal),
    revisionWarnings(starting, tools, signal),
  ]);
  return [...manager, ...revision, ...imageWarnings(starting), ...ownerWarnings(starting)];
}

/** The part of it that holds where servers end, whether others start or not. */
export const endWarnings = (starting: Starting, lookup: Lookup): readonly PlanWarning[] => [
  ...graceWarnings(starting),
  ...wasSessionWarnings(starting, lookup),
];
