import { DUMP_WAY_TITLES, type DumpKind } from '../../domain/dump.ts';
import { dumpTargetOf } from '../../domain/dump-target.ts';
import { type DumpAsk, isOffer } from '../../domain/dump-way.ts';
import { text } from '../../domain/text.ts';
import type { InputField, InputOption } from '../action.ts';
import type { DumpTools } from '../tools.ts';
import { ANY_WAY, askWays } from './choose-way.ts';
import { dumpToolsOf, takingWays } from './dump-target.ts';

const MINUTE_MS = 60_000;
/** Longest for one answer to be whole. */
const TIMEOUTS_MS: Record<DumpKind, number> = {
  thread: 2 * MINUTE_MS,
  service: 2 * MINUTE_MS,
  histogram: 5 * MINUTE_MS,
  heap: 60 * MINUTE_MS,
};

export function dumpAsk(kind: DumpKind, { limits }: DumpTools, isLive = false): DumpAsk {
  return {
    kind,
    isLive,
    maxBytes: kind === 'heap' ? limits.maxHeapBytes : limits.maxBytes,
    timeoutMs: TIMEOUTS_MS[kind],
  };
}

/** Which way, where more than one leads there. */
export const wayInput = (kind: DumpKind, isLive = false): InputField<'server'> => ({
  id: 'way',
  type: 'choice',
  title: text('Way', '경로'),
  flag: {
    spelling: '--way <way>',
    help: 'lena-channel, agent-channel, pod-exec or ecs-exec; the best unless given',
  },
  isRequired: false,
  asked: 'from-menu',
  initial: () => ANY_WAY,
  isOpen: false,
  async options(server, tools, signal) {
    const dumps = dumpToolsOf(tools);
    const answers = await askWays({
      ways: takingWays(dumps),
      target: dumpTargetOf(server, tools.lookup),
      ask: dumpAsk(kind, dumps, isLive),
      clock: tools.clock,
      signal,
    });
    return [
      { value: ANY_WAY, label: ANY_WAY, detail: text('the best that leads there', '가능한 것 중 최선') },
      ...answers.map(({ way, answer }): InputOption => {
        const label = DUMP_WAY_TITLES[way.id].en;
        return isOffer(answer)
          ? { value: way.id, label, detail: answer.through }
          : { value: way.id, label, detail: answer.why, unfit: answer.why };
      }),
    ];
  },
});

/** Where the file goes instead of the state directory. */
export const outInput: InputField<'server'> = {
  id: 'out',
  type: 'text',
  title: text('Directory', '디렉터리'),
  hint: text('on this machine', '이 머신의 경로'),
  flag: { spelling: '--out <dir>', help: 'write it to this directory instead of the state directory' },
  isRequired: false,
  asked: 'never',
};
