import type { Lookup } from '../actions/tools.ts';
import type { Target } from '../config/target.ts';
import type { ConsoleStore } from '../store/state.ts';
import { createRelated } from './view-context.ts';

/** What plans and guards may know: the rows of the store, and which Manager serves which context. */
export function createLookup(store: ConsoleStore, targets: readonly Target[]): Lookup {
  const { get, all } = createRelated(store);
  const serves = new Map(
    targets.flatMap((target) => (target.kind === 'manager' ? [[target.name, target.serves] as const] : [])),
  );
  return {
    get,
    all,
    managersServing: (context) =>
      [...serves].flatMap(([manager, served]) => (served.includes(context) ? [manager] : [])),
    servedBy: (manager) => serves.get(manager) ?? [],
  };
}
