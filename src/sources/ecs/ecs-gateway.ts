import type { AppError } from '../../core/app-error.ts';
import { createBackoff } from '../../core/backoff.ts';
import { type Clock, sleep } from '../../core/clock.ts';
import { withDeadline } from '../../core/deadline.ts';
import { appError, type ErrorCode, isTableError } from '../../domain/errors.ts';
import type { Capability } from '../../domain/source-status.ts';
import { createRequestMeter, untilAborted } from '../poll-wait.ts';
import type { EcsBudget } from './ecs-budget.ts';
import type { EcsCalls } from './ecs-calls.ts';
import { toEcsError } from './ecs-errors.ts';

export interface EcsGatewayOptions {
  readonly calls: EcsCalls;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timeoutMs: number;
  /** Target as messages name it, e.g. `ECS ap-northeast-2`. */
  readonly target: string;
  budget(): EcsBudget;
}

const THROTTLE_ATTEMPTS = 5;

/** Every request to ECS passes here: budget, deadline, throttling, counting, capabilities, one kind of error. */
export function createEcsGateway(options: EcsGatewayOptions) {
  const { calls, clock, random, timeoutMs, target } = options;
  const meter = createRequestMeter(clock);
  /** By operation, as `:contexts` shows them. */
  const capabilities: Record<string, Capability> = {};
  let throttledAt: number | undefined;

  const attempt = async <T>(
    operation: string,
    send: (calls: EcsCalls, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    await options.budget().take(signal);
    signal.throwIfAborted();
    meter.count();
    const deadline = withDeadline(signal, timeoutMs);
    try {
      const answer = await untilAborted(send(calls, deadline), deadline);
      capabilities[operation] = { state: 'found' };
      return answer;
    } catch (error) {
      if (signal.aborted) throw error;
      const what = `${operation} on ${target}`;
      if (deadline.aborted)
        throw appError('TIMEOUT', `${what}: no answer in ${timeoutMs} ms`, { cause: error });
      throw toEcsError(error, what);
    }
  };

  return {
    async call<T>(
      operation: string,
      send: (calls: EcsCalls, signal: AbortSignal) => Promise<T>,
      signal: AbortSignal,
    ): Promise<T> {
      const backoff = createBackoff({ firstMs: 400, maxMs: 8_000, random });
      for (let tries = 1; ; tries++) {
        try {
          return await attempt(operation, send, signal);
        } catch (error) {
          if (signal.aborted || !isTableError(error)) throw error;
          noteCapability(capabilities, operation, error);
          if (error.code !== 'THROTTLED') throw error;
          throttledAt = clock.now();
          options.budget().slowDown();
          if (tries >= THROTTLE_ATTEMPTS) throw error;
          await sleep(clock, backoff.next(), signal);
        }
      }
    },
    capabilities,
    requestsPerMinute: () => meter.perMinute(),
    wasThrottledSince: (at: number): boolean => throttledAt !== undefined && throttledAt >= at,
  };
}
export type EcsGateway = ReturnType<typeof createEcsGateway>;

function noteCapability(
  capabilities: Record<string, Capability>,
  operation: string,
  error: AppError<ErrorCode>,
): void {
  if (error.code === 'FORBIDDEN') capabilities[operation] = { state: 'denied', detail: error.message };
  else if (capabilities[operation] === undefined) {
    capabilities[operation] = { state: 'unknown', detail: error.message };
  }
}
