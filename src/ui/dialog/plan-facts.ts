import type { Facts } from '../../domain/plan.ts';
import { factsText } from '../../views/acted-words.ts';

/** Told first, in this order: what an operator decides by. */
const FIRST = [
  'state',
  'status',
  'ready',
  'replicas',
  'runningCount',
  'desiredCount',
  'templateId',
  'image',
  'revision',
  'taskDefinition',
];
/** They tell one object from another to a machine, and an operator nothing. */
const FOR_MACHINES = new Set(['uid', 'generation', 'resourceVersion', 'deployment']);

const rank = (name: string): number => {
  const at = FIRST.indexOf(name);
  return at === -1 ? FIRST.length : at;
};

/** What is known of a target, in one line; identifiers only where everything is asked for. */
export function targetFactsText(facts: Facts, isEverything: boolean): string | undefined {
  const told = Object.entries(facts).filter(
    ([name, value]) =>
      isEverything || !(FOR_MACHINES.has(name) || (typeof value === 'string' && value.startsWith('arn:'))),
  );
  return factsText(Object.fromEntries(told.toSorted(([a], [b]) => rank(a) - rank(b))));
}
