import type { Clock } from '../../core/clock.ts';
import { isTableError } from '../../domain/errors.ts';
import type { Sink, Source } from '../../domain/ports.ts';
import type { Environment } from '../http-ca.ts';
import { toAppError, toFailure } from '../http-error.ts';
import { createPollStatus } from '../poll-status.ts';
import { createPollWait, untilAborted } from '../poll-wait.ts';
import type { ModeReader } from '../transport-lock.ts';
import { type EcsBudgets, processBudgets } from './ecs-budget.ts';
import { isDenial, toEcsError } from './ecs-errors.ts';
import { createEcsSession, type EcsSession } from './ecs-session.ts';

/** How one region of one account is reached, by whatever reads or acts. */
export interface EcsConnectionOptions {
  readonly context: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
  /** What may leave; asked at every request. */
  readonly mode: ModeReader;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Credentials, region, proxy and CA variables; the SDK's own chain (profiles, roles) reads the process's. */
  readonly environment: Environment;
  /** @default 10000 */
  readonly timeoutMs?: number | undefined;
  /** Shared by all of the process. @default the process's */
  readonly budgets?: EcsBudgets | undefined;
}
export interface EcsSourceOptions extends EcsConnectionOptions {
  /** Names or globs; none means every cluster. */
  readonly clusters: readonly string[];
  /** Poll pauses: during a deployment, after a change, when idle. @default 5000, 10000, 30000 */
  readonly pauses?: EcsPauses | undefined;
}
export interface EcsPauses {
  readonly deployingMs: number;
  readonly activeMs: number;
  readonly idleMs: number;
}

const PAUSES: EcsPauses = { deployingMs: 5_000, activeMs: 10_000, idleMs: 30_000 };
const IDLE_AFTER_MS = 300_000;
const DENIED_RETRY_MS = 60_000;
const SETUP_TIMEOUT_MS = 10_000;

/** Polls ECS clusters of one region and account: tasks, services, task definitions, service events. */
export function createEcsSource(options: EcsSourceOptions): Source {
  const { context, clock, random, pauses = PAUSES, timeoutMs = 10_000, budgets = processBudgets } = options;
  const pause = createPollWait(clock);
  return {
    context,
    refresh: () => pause.wake(),
    async run(sink: Sink, signal: AbortSignal) {
      const status = createPollStatus(sink, clock);
      let session: EcsSession | undefined;
      let movedAt = clock.now();
      let misses = 0;
      while (!signal.aborted) {
        let pauseMs: number;
        try {
          session ??= await untilAborted(
            createEcsSession({ ...options, timeoutMs, budgets }),
            AbortSignal.any([signal, AbortSignal.timeout(SETUP_TIMEOUT_MS)]),
          );
          const round = await session.poll(sink, signal);
          if (round.hasMoved) movedAt = clock.now();
          pauseMs = pauseAfter(round.isBusy, clock.now() - movedAt, pauses) * (round.wasThrottled ? 2 : 1);
          misses = 0;
          if (!signal.aborted) status.good(pauseMs * 2 + timeoutMs * 3);
        } catch (thrown) {
          if (signal.aborted) break;
          const what = `Read ECS ${options.region ?? ''}`.trim();
          const error = isTableError(thrown) ? thrown : toEcsError(thrown, what);
          const isDenied = isDenial(error.code);
          misses++;
          pauseMs = isDenied
            ? DENIED_RETRY_MS
            : Math.min(pauses.idleMs, pauses.deployingMs * 2 ** (misses - 1)) * (0.75 + random() / 2);
          status.bad({
            failure: toFailure(toAppError(error, what)),
            retryAt: clock.now() + pauseMs,
            isDenied,
          });
          session?.tell(sink);
          if (isDenied) {
            // New credentials may have been put in place by the next try; the SDK keeps the old ones.
            session?.close();
            session = undefined;
          }
        }
        if (!signal.aborted) await pause.wait(pauseMs, signal);
      }
      status.stop();
      session?.close();
    },
  };
}

function pauseAfter(isBusy: boolean, quietMs: number, pauses: EcsPauses): number {
  if (isBusy) return pauses.deployingMs;
  return quietMs < IDLE_AFTER_MS ? pauses.activeMs : pauses.idleMs;
}
