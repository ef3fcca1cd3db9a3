import { appError } from '../../domain/errors.ts';
import type { PlanWarning } from '../../domain/plan.ts';
import type { Workload } from '../../domain/workload.ts';
import type { ActionTools, Lookup } from '../tools.ts';
import { ownerWarnings } from './owner-guard.ts';
import { beginWarnings, endWarnings } from './start-guard.ts';
import { startingOfWorkload, typeOfWorkload } from './starting.ts';

/** How many servers of a kind may be, where LENA says so; ECS runs a pair as two services of one task each. */
function boundsOf(
  workload: Workload,
  lookup: Lookup,
): { readonly most: number; readonly least: number; readonly why: string } | undefined {
  switch (typeOfWorkload(workload, lookup)) {
    case 'manager':
      return { least: 0, most: 1, why: 'a second Manager on the same repository would corrupt it' };
    case 'session':
      return workload.kind === 'EcsService'
        ? { least: 1, most: 1, why: 'each service runs one of the pair' }
        : { least: 2, most: 2, why: 'session servers are a pair, each the other’s mirror' };
    default:
      return undefined;
  }
}

/** Throws ACTION_IMPOSSIBLE for a Manager above one and for a session pair of any size but two. */
export function guardScale(workload: Workload, replicas: number, lookup: Lookup): void {
  const bounds = boundsOf(workload, lookup);
  if (bounds === undefined || (replicas >= bounds.least && replicas <= bounds.most)) return;
  const size = bounds.least === bounds.most ? `${bounds.most}` : `${bounds.most} at most`;
  throw appError(
    'ACTION_IMPOSSIBLE',
    `Scale ${workload.kind} ${workload.name} of ${workload.ref.context} to ${replicas}: its size is ${size}, as ${bounds.why}`,
  );
}

/** What another number of servers means: for those that start, or for those that end and what they hold. Never rejects. */
export async function scaleWarnings(
  workload: Workload,
  { before, replicas }: { readonly before: number; readonly replicas: number },
  { tools, signal }: { readonly tools: ActionTools; readonly signal: AbortSignal },
): Promise<readonly PlanWarning[]> {
  const starting = startingOfWorkload(workload, tools.lookup);
  if (replicas > before) return beginWarnings(starting, tools, signal);
  const ended = replicas < before ? endWarnings(starting, tools.lookup) : [];
  return [...ended, ...ownerWarnings(workload)];
}
