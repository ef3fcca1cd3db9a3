import type { ContextView, SourceFailure } from '../domain/source-status.ts';

export const lastGoodAt = ({ status }: ContextView): number | undefined =>
  'lastGoodAt' in status ? status.lastGoodAt : undefined;
export const failureOf = ({ status }: ContextView): SourceFailure | undefined =>
  'error' in status ? status.error : undefined;

/** Servers it tells of: a Manager lists more than those nobody else knows; not known before its first list. */
export const serversOf = ({ status, kind, facts, servers }: ContextView): number | undefined => {
  const listed = facts.counts?.['registrations'];
  if (listed !== undefined) return Math.max(listed, servers);
  return servers === 0 && (kind === 'manager' || status.state === 'connecting') ? undefined : servers;
};
