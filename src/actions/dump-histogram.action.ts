import { text } from '../domain/text.ts';
import { type ActionSpec, defineAction } from './action.ts';
import { outInput, wayInput } from './dump/dump-inputs.ts';
import { DUMP_MENU } from './dump/dump-menu.ts';
import { dumpWay } from './dump/plan-dump.ts';
import { reachOfDump } from './dump/reach.ts';

const all = dumpWay({ kind: 'histogram' });
const live = dumpWay({ kind: 'histogram', isLive: () => true });

const shared = {
  command: 'dump',
  subcommand: 'histogram',
  kind: 'server',
  menu: DUMP_MENU,
  takesMany: false,
  backEndOf: reachOfDump,
} as const satisfies Partial<ActionSpec<'server'>>;

/** Instances and bytes of every class, garbage among them: nothing is collected for it. */
export const dumpHistogram = defineAction<'server'>({
  ...shared,
  id: 'dump-histogram',
  effect: 'diagnose',
  key: 'i',
  title: text('class histogram', '클래스 히스토그램'),
  help: text(
    'Counts the objects of every class, without a collection before.',
    '수집 없이 클래스별 객체 수와 크기를 셉니다.',
  ),
  inputs: [wayInput('histogram'), outInput],
  ways: { kube: all, ecs: all, channel: all },
});

/** The same of what is reachable only: the JVM collects first. */
export const dumpHistogramLive = defineAction<'server'>({
  ...shared,
  id: 'dump-histogram-live',
  effect: 'change',
  key: DUMP_MENU.key,
  title: text('live class histogram', '라이브 클래스 히스토그램'),
  help: text(
    'Counts the reachable objects of every class; the JVM makes a full collection first.',
    '전체 GC 후 도달 가능한 객체를 클래스별로 셉니다.',
  ),
  inputs: [wayInput('histogram', true), outInput],
  ways: { kube: live, ecs: live, channel: live },
});
