import type { Clock } from '../../core/clock.ts';
import { isTableError } from '../../domain/errors.ts';
import { eachLimited } from '../poll-wait.ts';
import type { EcsGateway } from './ecs-gateway.ts';
import { type EcsTaskDefinition, taskDefinitionSchema } from './ecs-records.ts';

const MAX_KEPT = 1_000;
const ASK_AGAIN_MS = 300_000;
const AT_ONCE = 4;

/** Task definitions by ARN; a registered one never changes, so each is asked for once. */
export function createTaskDefinitions(gateway: EcsGateway, clock: Clock) {
  const known = new Map<string, EcsTaskDefinition>();
  /** ARN → when it may be asked for again. */
  const unreadable = new Map<string, number>();
  let deniedUntil = 0;
  const isMissing = (arn: string) => !known.has(arn) && (unreadable.get(arn) ?? 0) <= clock.now();
  return {
    get(arn: string | undefined): EcsTaskDefinition | undefined {
      return arn === undefined ? undefined : known.get(arn);
    },
    missing(arns: Iterable<string>): string[] {
      if (deniedUntil > clock.now()) return [];
      return [...new Set(arns)].filter(isMissing);
    },
    /** Never rejects but by abort; what cannot be read is left out and asked for later. */
    async load(arns: readonly string[], signal: AbortSignal): Promise<void> {
      await eachLimited(arns, AT_ONCE, async (arn) => {
        if (signal.aborted || deniedUntil > clock.now()) return;
        try {
          const answer = await gateway.call(
            'DescribeTaskDefinition',
            (calls, deadline) => calls.describeTaskDefinition(arn, deadline),
            signal,
          );
          const parsed = taskDefinitionSchema.safeParse(answer);
          if (parsed.success) known.set(arn, parsed.data);
          else unreadable.set(arn, clock.now() + ASK_AGAIN_MS);
        } catch (error) {
          if (signal.aborted || !isTableError(error)) return;
          if (error.code === 'FORBIDDEN') deniedUntil = clock.now() + ASK_AGAIN_MS;
          else if (error.code === 'UNEXPECTED_ANSWER') unreadable.set(arn, clock.now() + ASK_AGAIN_MS);
        }
      });
      for (const map of [known, unreadable]) {
        for (const arn of map.keys()) {
          if (map.size <= MAX_KEPT) break;
          map.delete(arn);
        }
      }
    },
  };
}
export type TaskDefinitions = ReturnType<typeof createTaskDefinitions>;
