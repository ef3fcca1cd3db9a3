import { silentFrom } from '../diagnosis/findings/silent.ts';
import { NO_LONGER_HEARD } from '../diagnosis/health/no-longer-heard.ts';
import { NOT_UNDERSTOOD } from '../diagnosis/health/unknown-state.ts';
import type { Sender } from '../domain/sender.ts';
import type { ServerState } from '../domain/server-type.ts';
import type { ServerParts } from './server-parts.ts';

export interface ToldState {
  readonly state: ServerState;
  readonly stateReason: string | undefined;
}

/** The orchestrator's word, else the Manager's, else what its own datagrams say. */
export function stateOf(parts: ServerParts, now: number): ToldState {
  const { instance, registration, sender, goneSince } = parts;
  if (instance !== undefined) {
    const { state, stateReason } = instance;
    return stoppedByManager(parts) ?? { state, stateReason };
  }
  if (registration !== undefined && goneSince !== undefined && !isHeard(sender, now))
    return { state: 'unknown', stateReason: 'dropped by its orchestrator' };
  if (registration !== undefined) return { state: registration.state, stateReason: registration.status };
  if (sender === undefined) return { state: 'unknown', stateReason: undefined };
  if (sender.codec === 'heartbeat') return { state: 'unknown', stateReason: NOT_UNDERSTOOD };
  // Nobody but its own datagrams tells of it: when they stop, its state is not known.
  const hasLeft = saidGoodbye(sender);
  if (!isHeard(sender, now))
    return { state: 'unknown', stateReason: hasLeft ? 'said goodbye' : NO_LONGER_HEARD };
  if (hasLeft) return { state: 'stopping', stateReason: 'said goodbye' };
  switch (sender.appStatus) {
    case 'INITIALIZED':
    case 'STARTING_PREP':
    case 'STARTING':
      return { state: 'starting', stateReason: sender.appStatus };
    case 'STOPPING':
      return { state: 'stopping', stateReason: sender.appStatus };
    case 'STOPPED':
      return { state: 'stopped', stateReason: sender.appStatus };
    default:
      return { state: 'ready', stateReason: sender.appStatus };
  }
}

/**
 * A host's probe that nobody answers cannot tell a crash from a stop; the Manager that has the server can. One that
 * answers is the better witness, and a Manager that fell silent may speak of yesterday.
 */
function stoppedByManager({ instance, registration, isManagerHeard }: ServerParts): ToldState | undefined {
  if (instance?.contextKind !== 'hosts' || registration?.state !== 'stopped') return undefined;
  if (!isManagerHeard || (instance.state !== 'failed' && instance.state !== 'unknown')) return undefined;
  return { state: 'stopped', stateReason: registration.status };
}

export const isHeard = (sender: Sender | undefined, now: number): boolean =>
  sender !== undefined && now < silentFrom(sender.heartbeat.at, sender.heartbeat);

const saidGoodbye = ({ byeAt, heartbeat }: Sender): boolean => byeAt !== undefined && byeAt >= heartbeat.at;

/** Intervals after which datagrams of a server that is said to be stopped are its last ones. */
const LAST_INTERVALS = 3;

/** Until when a server that is said to be stopped still counts as one that sends, epoch ms. */
export const sendsUntil = (sender: Sender): number =>
  saidGoodbye(sender)
    ? sender.heartbeat.at
    : sender.heartbeat.at + LAST_INTERVALS * sender.heartbeat.intervalMs;
