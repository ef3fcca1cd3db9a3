import { AppError, describeThrown } from '../../core/app-error.ts';
import { readConsoleStatus } from '../../diagnosis/session-console/console-status.ts';
import type { Progress } from '../../domain/plan.ts';
import type { ActionTools, ReadingOf } from '../tools.ts';

const HOME = '/usr/local/lena/servers/sessionServer';
const HEALTH = [`${HOME}/health.sh`];
const STATUS = [`${HOME}/console.sh`, 'status'];
const EXEC_TIMEOUT_MS = 10_000;
const MAX_BYTES = 65_536;
/** Sessions come and go between the two answers: this share of the larger count, or this many. */
const TOLERANCE = 0.05;
const LEAST_TOLERANCE = 5;

/** A session server's place in Kubernetes. */
export interface SessionPod {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}
export interface SessionPair {
  readonly context: string;
  readonly members: readonly [SessionPod, SessionPod];
}

/**
 * Whether a pair is healthy and mirrored, asked of both by exec. The documents name no mirror state, so it is taken
 * as mirrored when `health.sh` of both ends well and their `session_count` are equal within a tolerance (both 0
 * included): a server that came up empty has caught up with its partner by then. Rejects where exec is not allowed.
 */
export async function lookAtMirror(
  { context, members }: SessionPair,
  tools: ActionTools,
  signal: AbortSignal,
): Promise<Progress> {
  const kube = await tools.remote('kube', context);
  const counts: number[] = [];
  for (const member of members) {
    const health = await kube.exec(
      { ...member, argv: HEALTH, timeoutMs: EXEC_TIMEOUT_MS, maxBytes: MAX_BYTES },
      signal,
    );
    if (health.exitCode !== 0) {
      return {
        state: 'waiting',
        detail: `${member.pod}: health.sh ended with ${health.exitCode ?? 'no code'}`,
      };
    }
    const count = await sessionCount(kube, member, signal);
    if (count === undefined)
      return { state: 'waiting', detail: `${member.pod}: console.sh tells no session_count` };
    counts.push(count);
  }
  const [first = 0, second = 0] = counts;
  const detail = `sessions ${members[0].pod} ${first}, ${members[1].pod} ${second}`;
  const allowed = Math.max(LEAST_TOLERANCE, Math.ceil(Math.max(first, second) * TOLERANCE));
  // A few sessions on one side and none on the other is a server that has nothing yet.
  const isEmpty = (first === 0) !== (second === 0);
  return { state: !isEmpty && Math.abs(first - second) <= allowed ? 'done' : 'waiting', detail };
}

async function sessionCount(
  kube: ReadingOf<'kube'>,
  member: SessionPod,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { exitCode, stdout } = await kube.exec(
    { ...member, argv: STATUS, timeoutMs: EXEC_TIMEOUT_MS, maxBytes: MAX_BYTES },
    signal,
  );
  return exitCode === 0 ? readConsoleStatus(stdout)?.sessions : undefined;
}

/** Why mirroring cannot be seen, for a failure that stays; `undefined` for one that may pass. */
export function whyUnseen(error: unknown): string | undefined {
  if (!(error instanceof AppError)) return undefined;
  const stays = ['FORBIDDEN', 'PERMISSION_DENIED', 'TRANSPORT_LOCKED', 'NOT_FOUND', 'UNEXPECTED_ANSWER'];
  return stays.includes(error.code) ? describeThrown(error) : undefined;
}
