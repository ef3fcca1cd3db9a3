import { text } from '../domain/text.ts';
import { defineAction } from './action.ts';
import { outInput, wayInput } from './dump/dump-inputs.ts';
import { DUMP_MENU } from './dump/dump-menu.ts';
import { dumpWay } from './dump/plan-dump.ts';
import { reachOfDump } from './dump/reach.ts';

const way = dumpWay({ kind: 'thread' });

/** Every thread of a server's JVM with its stack, now. */
export const dumpThread = defineAction<'server'>({
  id: 'dump-thread',
  command: 'dump',
  subcommand: 'thread',
  kind: 'server',
  effect: 'diagnose',
  key: 't',
  menu: DUMP_MENU,
  title: text('thread dump', '스레드 덤프'),
  help: text(
    'Takes a thread dump of this server and says what is in it.',
    '이 서버의 스레드 덤프를 받고 내용을 요약합니다.',
  ),
  takesMany: true,
  inputs: [wayInput('thread'), outInput],
  backEndOf: reachOfDump,
  ways: { kube: way, ecs: way, channel: way },
});
