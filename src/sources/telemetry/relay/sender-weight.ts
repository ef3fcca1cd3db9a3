import type { Sender } from '../../../domain/sender.ts';

/** Parts a stream may tell over all its senders: a sender has forty as a rule. */
export const MAX_RELAY_PARTS = 1_280_000;

/** How many parts a sender is made of: what a stream could make us hold without end. */
export function weightOf({ counters, jvm }: Sender): number {
  let parts = 0;
  for (const value of Object.values(counters)) parts += typeof value === 'object' ? value.length : 1;
  if (jvm === undefined) return parts;
  const lists = [jvm.collectors, jvm.memoryPools, jvm.connectors, jvm.dataSources, jvm.web?.workers];
  for (const list of lists) parts += list?.length ?? 0;
  return parts;
}
