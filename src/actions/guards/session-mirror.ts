import { AppError, describeThrown } from '../../core/app-error.ts';
import type { Progress } from '../../domain/plan.ts';
import type { ActionTools } from '../tools.ts';
import { askMember, isTask, memberName, type SessionMember } from './session-member.ts';

/** Sessions come and go between the two answers: this share of the larger count, or this many. */
const TOLERANCE = 0.05;
const LEAST_TOLERANCE = 5;

export interface SessionPair {
  readonly context: string;
  readonly members: readonly [SessionMember, SessionMember];
}

/**
 * Whether a pair is healthy and mirrored, asked of both by exec. The documents name no mirror state, so it is taken
 * as mirrored when both are healthy and their `session_count` are equal within a tolerance (both 0 included): a
 * server that came up empty has caught up with its partner by then. Rejects where exec is not allowed.
 */
export async function lookAtMirror(
  { context, members }: SessionPair,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<Progress> {
  const asked = await Promise.allSettled(members.map((member) => askMember(context, member, tools, signal)));
  const counts: number[] = [];
  for (const outcome of asked) {
    if (outcome.status === 'rejected') throw outcome.reason;
    if ('waiting' in outcome.value) return { state: 'waiting', detail: outcome.value.waiting };
    counts.push(outcome.value.count);
  }
  const [first = 0, second = 0] = counts;
  const [one, other] = members.map(memberName);
  const detail = `sessions ${one} ${first}, ${other} ${second}`;
  const allowed = Math.max(LEAST_TOLERANCE, Math.ceil(Math.max(first, second) * TOLERANCE));
  // A few sessions on one side and none on the other is a server that has nothing yet.
  const isEmpty = (first === 0) !== (second === 0);
  return { state: !isEmpty && Math.abs(first - second) <= allowed ? 'done' : 'waiting', detail };
}

const STAYS = ['FORBIDDEN', 'PERMISSION_DENIED', 'TRANSPORT_LOCKED', 'NOT_FOUND', 'UNEXPECTED_ANSWER'];
/** A task that was started without exec gets it with the next one alone, and keys of KMS are not ours. */
const STAYS_IN_ECS = [...STAYS, 'ACTION_IMPOSSIBLE', 'NO_TOOL'];

/** Why mirroring cannot be seen, for a failure that stays; `undefined` for one that may pass. */
export function whyUnseen(error: unknown, { members }: SessionPair): string | undefined {
  if (!(error instanceof AppError)) return undefined;
  const stays = members.some(isTask) ? STAYS_IN_ECS : STAYS;
  return stays.includes(error.code) ? describeThrown(error) : undefined;
}
