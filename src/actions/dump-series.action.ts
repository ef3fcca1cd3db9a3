import { text } from '../domain/text.ts';
import { defineAction, type InputField } from './action.ts';
import { outInput, wayInput } from './dump/dump-inputs.ts';
import { DUMP_MENU } from './dump/dump-menu.ts';
import { dumpWay } from './dump/plan-dump.ts';
import { reachOfDump } from './dump/reach.ts';

const COUNT = 5;
const EVERY_S = 5;

const way = dumpWay({
  kind: 'thread',
  series: ({ count, interval }) => ({
    count: Number(count ?? COUNT),
    everyMs: Number(interval ?? EVERY_S) * 1_000,
  }),
});
const countInput: InputField<'server'> = {
  id: 'count',
  type: 'count',
  least: 3,
  most: 10,
  title: text('Dumps', '덤프 수'),
  flag: { spelling: '--count <n>', help: `several dumps, 3 to 10; ${COUNT} where only --interval is given` },
  isRequired: false,
  initial: () => String(COUNT),
};
const intervalInput: InputField<'server'> = {
  id: 'interval',
  type: 'count',
  least: 1,
  most: 60,
  title: text('Seconds between', '간격(초)'),
  flag: {
    spelling: '--interval <seconds>',
    help: `seconds from one to the next, 1 to 60 (default ${EVERY_S})`,
  },
  isRequired: false,
  initial: () => String(EVERY_S),
};

/** Several thread dumps at an interval: what does not move between them is what stands still. */
export const dumpSeries = defineAction<'server'>({
  id: 'dump-series',
  command: 'dump',
  subcommand: 'thread',
  kind: 'server',
  effect: 'diagnose',
  key: 'T',
  menu: DUMP_MENU,
  title: text('thread dump series', '연속 스레드 덤프'),
  help: text(
    'Takes several thread dumps of this server at an interval.',
    '이 서버의 스레드 덤프를 일정 간격으로 여러 번 받습니다.',
  ),
  takesMany: true,
  inputs: [countInput, intervalInput, wayInput('thread'), outInput],
  backEndOf: reachOfDump,
  ways: { kube: way, ecs: way, channel: way },
});
