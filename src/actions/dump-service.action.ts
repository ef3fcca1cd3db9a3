import { text } from '../domain/text.ts';
import { defineAction } from './action.ts';
import { outInput, wayInput } from './dump/dump-inputs.ts';
import { DUMP_MENU } from './dump/dump-menu.ts';
import { dumpWay } from './dump/plan-dump.ts';
import { reachOfDump } from './dump/reach.ts';

const way = dumpWay({ kind: 'service' });

/** The requests in flight, each with what it does and waits for. */
export const dumpService = defineAction<'server'>({
  id: 'dump-service',
  command: 'dump',
  subcommand: 'service',
  kind: 'server',
  effect: 'diagnose',
  key: 'v',
  menu: DUMP_MENU,
  title: text('service dump', '서비스 덤프'),
  help: text(
    'Lists the requests this server is working on, with thread, time, SQL and lock where they are known.',
    '이 서버가 처리 중인 요청을 스레드, 시간, SQL, 잠금과 함께 기록합니다.',
  ),
  takesMany: true,
  inputs: [wayInput('service'), outInput],
  backEndOf: reachOfDump,
  ways: { kube: way, ecs: way, channel: way },
});
