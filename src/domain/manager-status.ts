import type { ServerState } from './server-type.ts';

/** The Manager's words: Started, Started(Warning), Stopped, Error, Unknown, Not working (stopped or hung). */
export function stateOfStatus(status: string | undefined): ServerState {
  const said = (status ?? '').trim().toLowerCase();
  if (said.startsWith('started')) return 'ready';
  if (said.startsWith('starting')) return 'starting';
  if (said.startsWith('stopping')) return 'stopping';
  if (said.startsWith('stopped')) return 'stopped';
  if (said.startsWith('not working')) return 'notReady';
  if (said.startsWith('error')) return 'failed';
  return 'unknown';
}
