import path from 'node:path';
import { AppError } from '../../core/app-error.ts';
import { DUMP_WAY_TITLES, type DumpKind } from '../../domain/dump.ts';
import { dumpTargetOf } from '../../domain/dump-target.ts';
import type { DumpWay } from '../../domain/dump-way.ts';
import { appError } from '../../domain/errors.ts';
import type { PlanDraft, PlanTarget, PlanWarning, TakeStep } from '../../domain/plan.ts';
import type { Server } from '../../domain/server.ts';
import { text } from '../../domain/text.ts';
import type { PlanRequest, Way } from '../action.ts';
import { TARGETS_AT_ONCE } from '../executor/run-job.ts';
import type { ActionTools } from '../tools.ts';
import { askPatiently } from './ask-patiently.ts';
import { type ChosenWay, chooseWay, otherWays, type WayQuestion, wayWarnings } from './choose-way.ts';
import { contextWarning } from './context-warning.ts';
import { dumpAsk } from './dump-inputs.ts';
import { dumpToolsOf, takingWays } from './dump-target.ts';
import { DUMPED_KINDS, reachOfDump, whyNoDump } from './reach.ts';
import { afterDump, dumpStep, failingStep, type Interval, takeTitle } from './take-step.ts';
import { waitForPeer } from './wait-for-peer.ts';

export interface DumpVerb {
  readonly kind: DumpKind;
  readonly isLive?: ((input: PlanRequest<'server'>['input']) => boolean) | undefined;
  readonly series?: ((input: PlanRequest<'server'>['input']) => Interval) | undefined;
  /** More to know and to refuse, once the way is known. Rejects with an AppError. */
  readonly look?: ((looking: Looking) => Promise<Looked>) | undefined;
}
/** What a verb looks at before it is planned. */
export interface Looking {
  readonly chosen: ChosenWay;
  readonly question: WayQuestion;
  readonly tools: ActionTools;
  /** Absolute; absent where it goes to the state directory. */
  readonly directory: string | undefined;
}
export interface Looked {
  readonly warnings: readonly PlanWarning[];
  readonly expectBytes?: number | undefined;
}

const IN_TURN: PlanWarning = {
  level: 'info',
  code: 'in-turn',
  text: text(
    `${TARGETS_AT_ONCE} servers at a time: the next begins when one is over, with the whole of its series`,
    `서버는 한 번에 ${TARGETS_AT_ONCE}개: 하나가(연속 덤프 전체까지) 끝나야 다음을 시작함`,
  ),
};
/** In the place of whom it goes through. */
const NOTHING = 'no way leads there';

/** How a dump of one kind is taken, the same through whatever leads there. */
export const dumpWay = (verb: DumpVerb): Way<'server'> => ({
  disabledReason: whyNoDump,
  plan: (request, tools) => planDump(verb, request, tools),
  after: afterDump,
});

async function planDump(
  verb: DumpVerb,
  { target: server, together, input, signal }: PlanRequest<'server'>,
  tools: ActionTools,
): Promise<PlanDraft> {
  const dumps = dumpToolsOf(tools);
  const directory = directoryOf(input);
  const { lookup, clock } = tools;
  const target = dumpTargetOf(server, lookup);
  const ask = dumpAsk(verb.kind, dumps, verb.isLive?.(input));
  const ways = takingWays(dumps);
  const question: WayQuestion = { ways, target, ask, wanted: input['way'], clock, signal };
  const series = verb.series?.(input);
  const title = takeTitle(verb.kind, server.name, series);
  const { context } = server.ref;
  const answers = await askPatiently(question, dumps.patience);
  let chosen: ChosenWay;
  let looked: Looked;
  try {
    chosen = chooseWay(question, answers);
    looked = (await verb.look?.({ chosen, question, tools, directory })) ?? { warnings: [] };
  } catch (thrown) {
    // Among several the one that cannot be had fails by itself, in the open.
    if (together.length < 2 || !(thrown instanceof AppError) || thrown.code === 'INPUT_INVALID') throw thrown;
    const step = failingStep({ context, title, through: NOTHING, asks: [], times: 0 }, thrown);
    const message = (thrown.message.split('\n')[0] ?? '').replace(/:$/, '');
    const warning: PlanWarning = {
      level: 'warn',
      code: 'no-way',
      text: text(message, message),
    };
    return { targets: [plannedFor(server, step)], warnings: [warning], diff: [] };
  }
  const { way, offer } = chosen;
  const step = dumpStep({
    request: { context, title, through: offer.through, asks: offer.asks, ...timesOf(series) },
    order: {
      dumps,
      lookup,
      clock,
      target,
      kind: verb.kind,
      way: way.id,
      isAuthenticated: offer.isAuthenticated,
      maxBytes: ask.maxBytes,
      expectBytes: looked.expectBytes,
      directory,
      take: (taking) => way.take(target, ask, taking),
      untilConnected: (stop) => waitForPeer({ way, target, ask, clock }, stop),
    },
    timeoutMs: ask.timeoutMs,
    series,
  });
  // Of one server the other ways are told; of several it would be a page of them, and what is said names its way.
  const isOne = together.length === 1;
  const others = isOne ? otherWays(chosen) : [];
  const told = isOne ? wayWarnings(chosen) : wayWarnings(chosen).map((warning) => ofWay(way, warning));
  return {
    targets: [plannedFor(server, step)],
    warnings: [
      ...contextWarning(context, way, lookup),
      ...looked.warnings,
      ...told,
      ...others,
      ...(together.length > TARGETS_AT_ONCE ? [IN_TURN] : []),
    ],
    diff: [],
  };
}

const timesOf = (series: Interval | undefined) => (series === undefined ? {} : { times: series.count });

const ofWay = ({ id }: DumpWay, warning: PlanWarning): PlanWarning => {
  const { en, ko } = DUMP_WAY_TITLES[id];
  return { ...warning, text: text(`${en}: ${warning.text.en}`, `${ko}: ${warning.text.ko}`) };
};

/** Where the file goes; relative names mean nothing here, where nobody knows from where. Throws INPUT_INVALID. */
export function directoryOf(input: PlanRequest<'server'>['input']): string | undefined {
  const { out } = input;
  if (out !== undefined && !path.isAbsolute(out)) {
    throw appError('INPUT_INVALID', `the directory (--out) is "${out}"; it is an absolute path`);
  }
  return out;
}

export function plannedFor(server: Server, step: TakeStep): PlanTarget {
  const { ref, name, place, state, type } = server;
  return {
    ref,
    context: ref.context,
    ...(place?.kind === 'namespace' ? { namespace: place.name } : {}),
    kind: DUMPED_KINDS[reachOfDump(server)],
    name,
    steps: [step],
    before: { state, type },
  };
}
