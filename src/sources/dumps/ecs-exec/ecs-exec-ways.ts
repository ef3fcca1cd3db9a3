import type { Clock } from '../../../core/clock.ts';
import type { DumpOffer, DumpTarget, DumpWay, NoOffer } from '../../../domain/dump-way.ts';
import { environmentValue } from '../../../domain/environment.ts';
import { appError } from '../../../domain/errors.ts';
import type { EcsRemote } from '../../../domain/remote.ts';
import { type Text, text } from '../../../domain/text.ts';
import { type ContainerDumps, containerOffer, createContainerDumps } from '../container/container-dumps.ts';
import { thrownWords } from '../container/container-failure.ts';
import type { ContainerDumpsOptions } from '../container/runner.ts';
import { type EcsPlace, ecsPlaceOf, isEcsPlace } from './ecs-place.ts';
import { createEcsRunner } from './ecs-runner.ts';

/** What of a region this way asks. */
export type DumpEcs = Pick<EcsRemote, 'execObstacle' | 'exec' | 'stream'>;

export interface EcsExecWaysOptions {
  /** The client of a context. Rejects with an AppError where there is none. */
  readonly ecs: (context: string) => Promise<DumpEcs>;
  readonly clock: Clock;
}

const IN_CLOUDWATCH = text(
  'what the JVM prints goes to CloudWatch, which is not read: SIGQUIT is not used',
  'JVM 출력은 CloudWatch로 가며 읽지 않으므로 SIGQUIT을 쓰지 않음',
);
const RECORDED = text(
  'each command is an ExecuteCommand of its own, takes some seconds to begin and stands in CloudTrail',
  '명령마다 ExecuteCommand 하나로 시작에 몇 초가 걸리고 CloudTrail에 남음',
);

/** The way into an ECS task: tools run in its container, and the text dumps a LENA server wrote there. */
export function createEcsExecWays({ ecs, clock }: EcsExecWaysOptions): readonly DumpWay[] {
  const optionsOf = (remote: DumpEcs, place: EcsPlace, target: DumpTarget): ContainerDumpsOptions => ({
    runner: createEcsRunner(remote, place),
    clock,
    serverName: target.server.name,
    log: { missing: IN_CLOUDWATCH },
    hostNames: target.instance?.hostNames ?? [],
    outputFolder: environmentValue(target.instance?.environment ?? [], 'LENA_DUMP_OUTPUT_DIR'),
  });
  async function dumpsOf(target: DumpTarget, signal: AbortSignal): Promise<ContainerDumps> {
    const place = ecsPlaceOf(target);
    if (!isEcsPlace(place))
      throw appError('NO_WAY_TO_DUMP', `${target.server.name}: no ECS exec: ${place.en}`);
    const remote = await ecs(place.context);
    signal.throwIfAborted();
    return createContainerDumps(optionsOf(remote, place, target));
  }

  return [
    {
      id: 'ecs-exec',
      async offer(target, ask, signal): Promise<DumpOffer | NoOffer> {
        const none = (why: Text, next?: Text): NoOffer => ({ way: 'ecs-exec', why, next });
        const place = ecsPlaceOf(target);
        if (!isEcsPlace(place)) return none(place);
        try {
          const remote = await ecs(place.context);
          const obstacle = await remote.execObstacle(place, signal);
          if (obstacle !== undefined) return none(obstacle.why, obstacle.next);
          const options = optionsOf(remote, place, target);
          const offered = containerOffer(ask, options);
          if (!('asks' in offered)) return none(offered);
          const through = options.runner.describe();
          const notes = [...offered.notes, RECORDED];
          return { way: 'ecs-exec', through, isAuthenticated: true, ...offered, notes };
        } catch (thrown) {
          return none(...thrownWords(thrown));
        }
      },
      take: async (target, ask, taking) => (await dumpsOf(target, taking.signal)).take(ask, taking),
      list: async (target, signal, note) => (await dumpsOf(target, signal)).list(signal, note),
      fetch: async (target, file, taking) => (await dumpsOf(target, taking.signal)).fetch(file, taking),
    },
  ];
}
