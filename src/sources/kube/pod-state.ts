import { type Json, lineOf, listOf, recordOf, stringOf, timeOf } from '../../core/json-read.ts';
import { conditionOf } from '../../diagnosis/kube-rollout.ts';
import type { ServerState } from '../../domain/server-type.ts';
import { maskMessage } from './mask.ts';

export interface PodState {
  readonly state: ServerState;
  readonly reason: string | undefined;
  readonly readySince: number | undefined;
}

/** Waiting reasons that do not pass by themselves; the others (ContainerCreating, PodInitializing) are a start. */
const STUCK =
  /^(CrashLoopBackOff|ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|ImageInspectError|RegistryUnavailable|CreateContainerConfigError|CreateContainerError|RunContainerError|ContainerCannotRun|StartError|PostStartHookError)$/;

/** The first container that will not come up by itself, init containers included. */
function stuckReason(statuses: readonly Json[], prefix: string): string | undefined {
  for (const status of statuses) {
    const waiting = recordOf(recordOf(status['state'])['waiting']);
    const reason = stringOf(waiting['reason']);
    if (reason === undefined || !STUCK.test(reason)) continue;
    const last = stringOf(recordOf(recordOf(status['lastState'])['terminated'])['reason']);
    const detail = last === undefined || last === 'Error' || last === 'Completed' ? '' : ` (${last})`;
    return `${prefix}${reason}${detail}`;
  }
  return undefined;
}

function pendingReason(status: Json): string | undefined {
  const scheduled = conditionOf(status, 'PodScheduled');
  if (scheduled?.['status'] === 'False') {
    const why = stringOf(scheduled['message']);
    return `${stringOf(scheduled['reason']) ?? 'Unscheduled'}${why === undefined ? '' : `: ${maskMessage(why, 200)}`}`;
  }
  for (const entry of listOf(status['containerStatuses'])) {
    const reason = lineOf(recordOf(recordOf(recordOf(entry)['state'])['waiting'])['reason'], 100);
    if (reason !== undefined) return reason;
  }
  return 'Pending';
}

/** How a pod stands, in the nouns of the product; `server` is the status of the container taken for the server. */
export function judgePod(metadata: Json, status: Json, server: Json | undefined): PodState {
  const ready = conditionOf(status, 'Ready');
  const isReady = ready?.['status'] === 'True';
  const readyChangedAt = timeOf(ready?.['lastTransitionTime']);
  const readySince = isReady ? readyChangedAt : undefined;
  const phase = stringOf(status['phase']);
  const own = lineOf(status['reason'], 100);
  const message = stringOf(status['message']);
  const ownReason =
    own === undefined ? undefined : `${own}${message === undefined ? '' : `: ${maskMessage(message, 200)}`}`;
  if (metadata['deletionTimestamp'] !== undefined && metadata['deletionTimestamp'] !== null) {
    return { state: 'stopping', reason: ownReason, readySince };
  }
  switch (phase) {
    case 'Succeeded':
      return { state: 'stopped', reason: ownReason ?? 'Completed', readySince: undefined };
    case 'Failed':
      return { state: 'failed', reason: ownReason ?? failedReason(server), readySince: undefined };
    case 'Pending':
    case 'Running':
      break;
    default:
      return { state: 'unknown', reason: ownReason ?? phase?.slice(0, 40), readySince: undefined };
  }
  // A node that stopped reporting: the API keeps the last words of its kubelet.
  if (ready?.['status'] === 'Unknown' || own === 'NodeLost') {
    return { state: 'unknown', reason: ownReason ?? lineOf(ready?.['reason'], 100), readySince: undefined };
  }
  if (isReady) return { state: 'ready', reason: undefined, readySince };
  const stuck =
    stuckReason(listOf(status['initContainerStatuses']).map(recordOf), 'Init: ') ??
    stuckReason(listOf(status['containerStatuses']).map(recordOf), '');
  if (stuck !== undefined) return { state: 'failed', reason: stuck, readySince: undefined };
  if (phase === 'Pending') return { state: 'starting', reason: pendingReason(status), readySince: undefined };
  return { ...judgeUnready(ready, readyChangedAt, server), readySince: undefined };
}

function failedReason(server: Json | undefined): string | undefined {
  const terminated = recordOf(recordOf(server?.['state'])['terminated']);
  return lineOf(terminated['reason'], 100);
}

function judgeUnready(ready: Json | undefined, changedAt: number | undefined, server: Json | undefined) {
  const state = recordOf(server?.['state']);
  const terminated = recordOf(state['terminated']);
  const endReason = stringOf(terminated['reason']);
  if (endReason !== undefined) {
    return { state: 'failed', reason: `${endReason} (exit ${String(terminated['exitCode'])})` } as const;
  }
  const why = stringOf(ready?.['message']) ?? stringOf(ready?.['reason']);
  const reason = why === undefined ? undefined : maskMessage(why, 200);
  const startedAt = timeOf(recordOf(state['running'])['startedAt']);
  // Unready since after its start means that it had been ready; unready since before, that it has yet to be.
  const wasReady = startedAt !== undefined && changedAt !== undefined && changedAt > startedAt;
  if (wasReady && server?.['started'] !== false) return { state: 'notReady', reason } as const;
  return { state: 'starting', reason } as const;
}
